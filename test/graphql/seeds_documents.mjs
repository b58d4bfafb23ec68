// The documents of the seeds and their answers as they are printed there. Each has the user uuid of the
// request. In the answers, an id is "...".
const andrew = '3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77';
const john = '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee';

export const documents = [{ uuid: andrew, query: `mutation setUserContext {
  setUserContext(
    uuid: "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77",
    displayName: "Andrew M. Pearson",
    isActive: true,
    scope: AUTHENTICATED
  ) {
    errors
    response {
      displayName
      id
      isActive
      scope
      uuid
    }
  }
}`, answer: `{
  "data": {
    "setUserContext": {
      "errors": [],
      "response": {
        "displayName": "Andrew M. Pearson",
        "id": "...",
        "isActive": true,
        "scope": ["AUTHENTICATED"],
        "uuid": "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77"
      }
    }
  }
}` }, { uuid: andrew, query: `mutation updateUserContext {
  setUserContext(
    uuid: "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77",
    displayName: "user_12345",
    isActive: true,
    scope: AUTHENTICATED
  ) {
    errors
    response {
      displayName
      uuid
      isActive
      scope
    }
  }
}`, answer: `{
  "data": {
    "setUserContext": {
      "errors": [],
      "response": {
        "displayName": "user_12345",
        "uuid": "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77",
        "isActive": true,
        "scope": ["AUTHENTICATED"]
      }
    }
  }
}` }, { uuid: john, query: `{
  getUserContext(uuid: "17adb4c1-eb29-44bf-9d9a-5f8d056e58ee") {
    displayName
    id
    isActive
    scope
    uuid
  }
}`, answer: `{
  "data": {
    "getUserContext": {
      "displayName": "John Doe",
      "id": "...",
      "isActive": true,
      "scope": ["AUTHENTICATED"],
      "uuid": "17adb4c1-eb29-44bf-9d9a-5f8d056e58ee"
    }
  }
}` }, { uuid: andrew, query: `mutation deactivateUserContext {
  setUserContext(
    uuid: "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77",
    isActive: false
  ) {
    errors
    response {
      uuid
      isActive
    }
  }
}`, answer: `{
  "data": {
    "setUserContext": {
      "errors": [],
      "response": {
        "uuid": "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77",
        "isActive": false
      }
    }
  }
}` }];
