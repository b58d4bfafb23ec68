CREATE SCHEMA opigno;
COMMENT ON SCHEMA opigno IS
'data of an e-learning platform about its users: user contexts, scopes, apps and their profiles';
