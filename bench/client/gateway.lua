-- Requests of wrk: wrk -s gateway.lua URL -- KIND AUTHORIZATION USERS DOCUMENT. KIND: read, write, account; with the
-- prefix rpc_, as PostgREST takes them. DOCUMENT: of GraphQL, or nothing. Each request is of a random user.
local kind, authorization, users, document
local rpc = false
local sent = 0

function init(arguments)
    kind, authorization, users, document = arguments[1], arguments[2], tonumber(arguments[3]), arguments[4]
    rpc = kind:sub(1, 4) == "rpc_"
    math.randomseed(os.time())
end

function request()
    sent = sent + 1
    local uuid = string.format("1000000000000%06d", math.random(1, users))
    local headers = { ["Opigno-Client-UUID"] = uuid, ["Accept"] = "application/json" }
    -- PostgREST takes Authorization for itself, and refuses what is no JWT.
    headers[rpc and "Opigno-Authorization" or "Authorization"] = authorization
    if kind == "read" then
        return wrk.format("GET", "/user/profiles/1", headers)
    elseif kind == "rpc_read" then
        return wrk.format("GET", "/rpc/my_profiles?app_id=1", headers)
    elseif kind == "account" then
        return wrk.format("GET", "/api/user/v1/accounts/" .. uuid, headers)
    elseif kind == "rpc_account" then
        return wrk.format("GET", "/rpc/get_account?user_uuid=" .. uuid, headers)
    end
    if document ~= "" then
        headers["Content-Type"] = "application/json"
        local body = '{"query":"%s","variables":{"uuid":"%s","name":"Learner %d"}}'
        return wrk.format("POST", "/graphql", headers, body:format(document, uuid, sent))
    end
    local patch = string.format('{"points": %d}', sent)
    if rpc then
        headers["Content-Type"] = "application/json"
        return wrk.format("POST", "/rpc/patch_my_profile", headers, '{"app_id": 1, "patch": ' .. patch .. "}")
    end
    headers["Content-Type"] = "application/merge-patch+json"
    return wrk.format("PATCH", "/user/profiles/1", headers, patch)
end
