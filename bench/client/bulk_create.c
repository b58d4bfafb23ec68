/*
 * bulk_create call|copy|rows|transaction|memory SQL FILE
 * Loads a file that it has in memory, and prints milliseconds from the first byte sent to the last answer, and
 * those of the backend's processor time:
 *   call         SQL takes the file as $1
 *   copy         SQL is COPY ... FROM STDIN
 *   rows         SQL, prepared, takes the first three columns of a line, which commits by itself
 *   transaction  the same, in one transaction
 * Before, the connection loads FILE.one in the same way and rolls back, so that its caches are full.
 *   memory       as call, without FILE.one. SQL's first notice comes a moment before it loads. Prints the
 *                backend's anonymous memory (RssAnon) in kB: then, and at most, looked at every millisecond
 */
#include <libpq-fe.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void stop(const char *why)
{
    fprintf(stderr, "bulk_create: %s\n", why);
    exit(1);
}

static void check(PGconn *connection, PGresult *result, ExecStatusType expected)
{
    const ExecStatusType status = PQresultStatus(result);
    if (status != expected && (expected != PGRES_COMMAND_OK || status != PGRES_TUPLES_OK))
        stop(PQerrorMessage(connection));
    PQclear(result);
}

static void command(PGconn *connection, const char *sql)
{
    check(connection, PQexec(connection, sql), PGRES_COMMAND_OK);
}

struct bytes {
    char *data; /* ends with a zero byte */
    size_t size;
};

static struct bytes read_file(const char *name)
{
    struct bytes bytes = {NULL, 0};
    FILE *file = fopen(name, "rb");
    long size = 0;
    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
        stop("the file cannot be read");
    rewind(file);
    bytes.size = (size_t)size;
    bytes.data = malloc(bytes.size + 1);
    if (bytes.data == NULL || fread(bytes.data, 1, bytes.size, file) != bytes.size)
        stop("the file cannot be read");
    bytes.data[bytes.size] = '\0';
    fclose(file);
    return bytes;
}

static void call(PGconn *connection, const char *sql, struct bytes body)
{
    const char *values[] = {body.data};
    check(connection, PQexecParams(connection, sql, 1, NULL, values, NULL, NULL, 0), PGRES_COMMAND_OK);
}

static void copy(PGconn *connection, const char *sql, struct bytes lines)
{
    const size_t most = 65536;
    check(connection, PQexec(connection, sql), PGRES_COPY_IN);
    for (size_t at = 0; at < lines.size; at += most) {
        const size_t left = lines.size - at;
        if (PQputCopyData(connection, lines.data + at, (int)(left < most ? left : most)) != 1)
            stop(PQerrorMessage(connection));
    }
    if (PQputCopyEnd(connection, NULL) != 1)
        stop(PQerrorMessage(connection));
    check(connection, PQgetResult(connection), PGRES_COMMAND_OK);
    while (PQgetResult(connection) != NULL)
        ;
}

/* Ends each column with a zero byte. */
static void split(struct bytes lines)
{
    for (char *at = lines.data; at < lines.data + lines.size; ++at)
        if (*at == '\t' || *at == '\n')
            *at = '\0';
}

static void insert(PGconn *connection, struct bytes columns)
{
    enum { columns_of_line = 6, used = 3 };
    const char *values[columns_of_line];
    for (const char *at = columns.data; at < columns.data + columns.size;) {
        for (int column = 0; column < columns_of_line; ++column) {
            values[column] = at;
            at += strlen(at) + 1;
        }
        check(connection, PQexecPrepared(connection, "row", used, values, NULL, NULL, 0), PGRES_COMMAND_OK);
    }
}

static void load(PGconn *connection, const char *mode, const char *sql, struct bytes bytes)
{
    const bool is_transaction = strcmp(mode, "transaction") == 0;
    if (strcmp(mode, "call") == 0) {
        call(connection, sql, bytes);
    } else if (strcmp(mode, "copy") == 0) {
        copy(connection, sql, bytes);
    } else {
        if (is_transaction)
            command(connection, "BEGIN");
        insert(connection, bytes);
        if (is_transaction)
            command(connection, "COMMIT");
    }
}

static double milliseconds(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void print_time(PGconn *connection, const char *mode, const char *sql, const char *file)
{
    char name[4096];
    struct bytes one;
    struct bytes all = read_file(file);
    clockid_t processor = 0;
    double start = 0;
    double processor_start = 0;
    snprintf(name, sizeof name, "%s.one", file);
    one = read_file(name);
    if (strcmp(mode, "rows") == 0 || strcmp(mode, "transaction") == 0) {
        check(connection, PQprepare(connection, "row", sql, 0, NULL), PGRES_COMMAND_OK);
        split(one);
        split(all);
    }
    command(connection, "BEGIN");
    load(connection, strcmp(mode, "transaction") == 0 ? "rows" : mode, sql, one);
    command(connection, "ROLLBACK");

    if (clock_getcpuclockid(PQbackendPID(connection), &processor) != 0)
        stop("the backend is not on this machine");
    processor_start = milliseconds(processor);
    start = milliseconds(CLOCK_MONOTONIC);
    load(connection, mode, sql, all);
    printf("%.2f %.2f\n", milliseconds(CLOCK_MONOTONIC) - start, milliseconds(processor) - processor_start);
}

static long anonymous_memory(int process)
{
    char text[256];
    long size = -1;
    FILE *file = NULL;
    snprintf(text, sizeof text, "/proc/%d/status", process);
    file = fopen(text, "r");
    while (file != NULL && size < 0 && fgets(text, sizeof text, file) != NULL)
        sscanf(text, "RssAnon: %ld", &size);
    if (size < 0)
        stop("the backend's memory is not told");
    fclose(file);
    return size;
}

struct memory {
    int process;
    long start;
    long most;
};

static void start_counting(void *data, const char *message)
{
    struct memory *memory = data;
    (void)message;
    if (memory->start == 0)
        memory->start = memory->most = anonymous_memory(memory->process);
}

static void print_memory(PGconn *connection, const char *sql, const char *file)
{
    const struct bytes body = read_file(file);
    const char *values[] = {body.data};
    struct memory memory = {PQbackendPID(connection), 0, 0};
    struct pollfd answer = {PQsocket(connection), POLLIN, 0};
    PQsetNoticeProcessor(connection, start_counting, &memory);
    if (PQsendQueryParams(connection, sql, 1, NULL, values, NULL, NULL, 0) != 1)
        stop(PQerrorMessage(connection));
    while (PQisBusy(connection)) {
        const long size = anonymous_memory(memory.process);
        if (memory.start != 0 && size > memory.most)
            memory.most = size;
        if (poll(&answer, 1, 1) > 0 && PQconsumeInput(connection) != 1)
            stop(PQerrorMessage(connection));
    }
    check(connection, PQgetResult(connection), PGRES_COMMAND_OK);
    printf("%ld %ld\n", memory.start, memory.most);
}

int main(int count, char **arguments)
{
    PGconn *connection = NULL;
    if (count != 4)
        return 2;
    connection = PQconnectdb("");
    if (PQstatus(connection) != CONNECTION_OK)
        stop(PQerrorMessage(connection));
    if (strcmp(arguments[1], "memory") == 0)
        print_memory(connection, arguments[2], arguments[3]);
    else
        print_time(connection, arguments[1], arguments[2], arguments[3]);
    PQfinish(connection);
    return 0;
}
