// What Relay's compiler reads: a connection, a fragment with arguments that is fetched again, a mutation.
import { graphql } from 'react-relay';

export const page = graphql`
  query pageQuery($size: Int!, $after: Cursor) {
    ...page_contexts @arguments(size: $size, after: $after)
  }
`;
export const contexts = graphql`
  fragment page_contexts on Query
  @argumentDefinitions(size: { type: "Int!" }, after: { type: "Cursor" })
  @refetchable(queryName: "pageRefetchQuery") {
    userContexts(first: $size, after: $after) @connection(key: "page_userContexts") {
      edges { node { id displayName scope } }
      totalItems
    }
  }
`;
export const rename = graphql`
  mutation pageRenameMutation($uuid: String!, $name: String) {
    setUserContext(uuid: $uuid, displayName: $name) { errors response { id displayName } }
  }
`;
