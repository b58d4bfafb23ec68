/* What docs/guide/requests.md says of its program for libpq. */
#include "requests_libpq.c"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void tell(PGresult *result)
{
    if (PQresultStatus(result) == PGRES_TUPLES_OK)
        printf("%s\n", PQgetvalue(result, 0, 0));
    else
        printf("%s %s\n", PQresultErrorField(result, PG_DIAG_SQLSTATE),
               PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    PQclear(result);
}

/* Sends begin_request and a statement without BEGIN. */
static void without_begin(PGconn *connection, const char *authorization, const char *statement)
{
    const char *const identity[] = {authorization, "john"};

    PQenterPipelineMode(connection);
    send_statement(connection, "SELECT opigno.begin_request($1, $2)", 2, identity);
    send_statement(connection, "SELECT opigno.request_user()", 0, NULL);
    send_statement(connection, statement, 0, NULL);
    PQpipelineSync(connection);
    tell(result_of_pipeline(connection, 1));
    PQexitPipelineMode(connection);
}

int main(void)
{
    PGconn *connection = PQconnectdb("user=shop_backend");
    const char *authorization = getenv("AUTHORIZATION");
    const struct statement backend = {"SELECT pg_backend_pid(), opigno.request_user()", 0, NULL};
    const struct statement failing[] = {
        {"SELECT FROM opigno.patch_my_profile(1, '{\"lost\": 1}')", 0, NULL},
        {"SELECT 1 / 0", 0, NULL},
    };
    PGresult *within, *after;

    tell(set_theme(connection, authorization, "john", "dark"));
    tell(PQexec(connection, "SELECT FROM opigno.my_profiles()"));
    tell(set_theme(connection, "Bearer nobody", "john", "light"));
    tell(set_theme(connection, getenv("EXPIRED_AUTHORIZATION"), "john", "light"));
    tell(set_theme(connection, NULL, NULL, "light"));
    tell(request(connection, authorization, "john", failing, 2));
    within = request(connection, authorization, "john", &backend, 1);
    after = PQexec(connection, backend.text);
    printf("%s %s %s\n", strcmp(PQgetvalue(within, 0, 0), PQgetvalue(after, 0, 0)) == 0 ? "true" : "false",
           PQgetvalue(within, 0, 1), PQgetisnull(after, 0, 1) ? "null" : PQgetvalue(after, 0, 1));
    PQclear(within);
    PQclear(after);
    PQclear(PQexec(connection, "SELECT 'count'"));
    tell(set_theme(connection, authorization, "john", "dim"));
    PQclear(PQexec(connection, "SELECT 'without BEGIN'"));
    without_begin(connection, authorization, "SELECT opigno.request_user()");
    without_begin(connection, authorization, "SELECT 1 / 0");
    tell(PQexec(connection, "SELECT coalesce(opigno.request_user(), 'nobody')"));
    PQfinish(connection);
    return 0;
}
