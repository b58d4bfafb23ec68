/*
 * patch_profile CONNECTIONS SECONDS APP USERS STATEMENT [UPDATE]
 * Changes profiles of the app over libpq, of users at random, and prints how many a second, of all
 * connections. STATEMENT takes user, app and patch. With UPDATE: BEGIN, STATEMENT (user and app), UPDATE
 * (user, app and document; the merge costs nothing, for the document is the same each time), COMMIT.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static PGresult *check(PGconn *connection, PGresult *result)
{
    const ExecStatusType status = PQresultStatus(result);
    if ((status != PGRES_TUPLES_OK || PQntuples(result) != 1) && status != PGRES_COMMAND_OK) {
        fprintf(stderr, "patch_profile: %s\n", PQerrorMessage(connection));
        exit(1);
    }
    return result;
}

static void prepare(PGconn *connection, const char *name, const char *sql)
{
    PQclear(check(connection, PQprepare(connection, name, sql, 0, NULL)));
}

static void run(PGconn *connection, const char *name, int count, const char *const *values)
{
    PQclear(check(connection, PQexecPrepared(connection, name, count, values, NULL, NULL, 0)));
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Changes a second of one connection. */
static double changes(double seconds, const char *app, int users, const char *statement, const char *update,
                      unsigned seed)
{
    PGconn *connection = PQconnectdb("");
    PGresult *document = NULL;
    char user[64];
    char patch[64];
    const char *values[] = {user, app, patch};
    double start = 0;
    double end = 0;
    long count = -20; /* the first are not counted */
    prepare(connection, "statement", statement);
    if (update != NULL) {
        prepare(connection, "begin", "BEGIN");
        prepare(connection, "update", update);
        prepare(connection, "commit", "COMMIT");
        document = check(connection,
                         PQexecParams(connection,
                                      "SELECT profile_data FROM opigno.profile WHERE app_id = $1 LIMIT 1", 1,
                                      NULL, &app, NULL, NULL, 0));
        values[2] = PQgetvalue(document, 0, 0);
    }
    for (; count < 0 || end < start + seconds; ++count) {
        snprintf(user, sizeof user, "%ld", 1000000000000000001L + rand_r(&seed) % users);
        snprintf(patch, sizeof patch, "{\"points\": %d}", rand_r(&seed));
        if (count <= 0)
            start = now();
        if (update == NULL) {
            run(connection, "statement", 3, values);
        } else {
            run(connection, "begin", 0, NULL);
            run(connection, "statement", 2, values);
            run(connection, "update", 3, values);
            run(connection, "commit", 0, NULL);
        }
        end = now();
    }
    PQclear(document);
    PQfinish(connection);
    return (double)count / (end - start);
}

int main(int count, char **arguments)
{
    int pipes[2];
    int connections = 0;
    double total = 0;
    double one = 0;
    if (count < 6 || pipe(pipes) != 0)
        return 2;
    connections = atoi(arguments[1]);
    for (int at = 0; at < connections; ++at)
        if (fork() == 0) {
            one = changes(atof(arguments[2]), arguments[3], atoi(arguments[4]), arguments[5], arguments[6],
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
