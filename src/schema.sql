CREATE SCHEMA opigno;
COMMENT ON SCHEMA opigno IS 'what an e-learning platform knows about its users: user contexts, scopes, apps and their profiles';
