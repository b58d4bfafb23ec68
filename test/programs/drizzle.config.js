const { PGHOST, PGDATABASE, SCHEMA } = process.env;

export default {
    dialect: 'postgresql',
    out: `drizzle_${SCHEMA}`,
    schemaFilter: [SCHEMA],
    dbCredentials: {
        host: PGHOST, port: 5432, user: 'site_admin', database: PGDATABASE, ssl: false,
    },
};
