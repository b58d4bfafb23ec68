/*
 * request CONNECTIONS SECONDS USERS AUTHORIZATION STATEMENT...
 * Runs BEGIN, the statements and COMMIT in one pipeline over libpq, each time for a user at random, and prints
 * how many such transactions a second, of all connections. A statement's $1 is the user, $2 the authorization.
 */
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { max_statements = 8 };

static void stop(PGconn *connection)
{
    fprintf(stderr, "request: %s\n", PQerrorMessage(connection));
    exit(1);
}

static void check(PGconn *connection, PGresult *result, ExecStatusType expected)
{
    const ExecStatusType status = PQresultStatus(result);
    const bool is_one_row = status == PGRES_TUPLES_OK && PQntuples(result) == 1;
    if (status != expected && (expected != PGRES_COMMAND_OK || !is_one_row))
        stop(connection);
    PQclear(result);
}

/* Returns the number of parameters. */
static int prepare(PGconn *connection, const char *sql)
{
    PGresult *result = NULL;
    int count = 0;
    check(connection, PQprepare(connection, sql, sql, 0, NULL), PGRES_COMMAND_OK);
    result = PQdescribePrepared(connection, sql);
    count = PQnparams(result);
    check(connection, result, PGRES_COMMAND_OK);
    return count;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void run(PGconn *connection, int count, const char *const *statements, const int *parameters,
                const char *const *values)
{
    for (int at = 0; at < count; ++at)
        if (PQsendQueryPrepared(connection, statements[at], parameters[at], values, NULL, NULL, 0) != 1)
            stop(connection);
    if (PQpipelineSync(connection) != 1)
        stop(connection);
    for (int at = 0; at < count; ++at) {
        check(connection, PQgetResult(connection), PGRES_COMMAND_OK);
        if (PQgetResult(connection) != NULL)
            stop(connection);
    }
    check(connection, PQgetResult(connection), PGRES_PIPELINE_SYNC);
}

/* Transactions a second of one connection. */
static double rate(double seconds, int users, const char *authorization, int count,
                   const char *const *statements, unsigned seed)
{
    PGconn *connection = PQconnectdb("");
    int parameters[max_statements];
    char user[64];
    const char *values[] = {user, authorization};
    double start = 0;
    double end = 0;
    long done = -100; /* the first are not counted */
    for (int at = 0; at < count; ++at)
        parameters[at] = prepare(connection, statements[at]);
    if (PQenterPipelineMode(connection) != 1)
        stop(connection);
    for (; done < 0 || end < start + seconds; ++done) {
        snprintf(user, sizeof user, "%ld", 1000000000000000001L + rand_r(&seed) % users);
        if (done <= 0)
            start = now();
        run(connection, count, statements, parameters, values);
        end = now();
    }
    PQfinish(connection);
    return (double)done / (end - start);
}

int main(int count, char **arguments)
{
    const char *statements[max_statements] = {"BEGIN"};
    int statement_count = 1;
    int pipes[2];
    int connections = 0;
    double total = 0;
    double one = 0;
    if (count < 6 || count > 5 + max_statements - 2 || pipe(pipes) != 0)
        return 2;
    connections = atoi(arguments[1]);
    for (int at = 5; at < count; ++at)
        statements[statement_count++] = arguments[at];
    statements[statement_count++] = "COMMIT";
    for (int at = 0; at < connections; ++at)
        if (fork() == 0) {
            one = rate(atof(arguments[2]), atoi(arguments[3]), arguments[4], statement_count, statements,
                       17U + (unsigned)at);
            return write(pipes[1], &one, sizeof one) == (ssize_t)sizeof one ? 0 : 1;
        }
    for (int at = 0; at < connections; ++at) {
        int status = 0;
        if (wait(&status) < 0 || status != 0 || read(pipes[0], &one, sizeof one) != (ssize_t)sizeof one)
            return 1;
        total += one;
    }
    printf("%.1f\n", total);
    return 0;
}
