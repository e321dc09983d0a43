// The ceiling of ingestion: a plain loop over the same libraries (libmicrohttpd, librdkafka), without any check of what comes in.
//   http BOOTSTRAP TOPIC PORT [THREADS=2] [LINGER_MS=2]
// POST anything: the body is one record (application/json), or, with `application/cloudevents-batch+json`, an array that is split at its
// top-level commas into one record an element. The request is suspended until the last delivery report (acks=all, idempotent); 202 then.
#include <librdkafka/rdkafka.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static rd_kafka_t *client;
static const char *topic;

typedef struct {
    struct MHD_Connection *connection;
    char *body;
    size_t length, room;
    int batch, sent;
    atomic_int outstanding, failed;
} request_t;

static void finish(request_t *request) {
    if (atomic_fetch_sub(&request->outstanding, 1) == 1) MHD_resume_connection(request->connection);
}
static void delivered(rd_kafka_t *c, const rd_kafka_message_t *message, void *opaque) {
    (void)c; (void)opaque;
    request_t *request = message->_private;
    if (message->err) atomic_fetch_add(&request->failed, 1);
    finish(request);
}
static void produce(request_t *request, const char *value, size_t length) {
    atomic_fetch_add(&request->outstanding, 1);
    // The key is the subject, as ingestion's is.
    const char *subject = memmem(value, length, "\"subject\":\"", 11), *end = subject ? memchr(subject + 11, '"', (size_t)(value + length - subject - 11)) : NULL;
    rd_kafka_resp_err_t code = rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(end ? (void *)(subject + 11) : NULL, end ? (size_t)(end - subject - 11) : 0),
        RD_KAFKA_V_VALUE((void *)value, length), RD_KAFKA_V_HEADER("content-type", "application/cloudevents+json", 28),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(request), RD_KAFKA_V_END);
    if (code) { atomic_fetch_add(&request->failed, 1); finish(request); }
}
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
                              const char *data, size_t *size, void **state) {
    (void)context; (void)url; (void)method; (void)version;
    request_t *request = *state;
    if (!request) {
        request = calloc(1, sizeof *request);
        request->connection = connection;
        const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Type");
        request->batch = type && strstr(type, "batch");
        *state = request;
        return MHD_YES;
    }
    if (*size) {
        if (request->length + *size > request->room) request->body = realloc(request->body, request->room = (request->length + *size) * 2);
        memcpy(request->body + request->length, data, *size);
        request->length += *size;
        *size = 0;
        return MHD_YES;
    }
    if (!request->sent) {
        request->sent = 1;
        atomic_store(&request->outstanding, 1);
        MHD_suspend_connection(connection);
        if (request->batch) {
            int depth = 0, text = 0;
            size_t start = 0;
            for (size_t i = 0; i < request->length; i++) {
                char c = request->body[i];
                if (text) { if (c == '\\') i++; else if (c == '"') text = 0; continue; }
                if (c == '"') text = 1;
                else if (c == '{' && depth++ == 0) start = i;
                else if (c == '}' && --depth == 0) produce(request, request->body + start, i + 1 - start);
            }
        } else produce(request, request->body, request->length);
        finish(request);
        return MHD_YES;
    }
    static char yes[] = "{\"accepted\":[{\"index\":0}],\"rejected\":[]}";
    struct MHD_Response *response = MHD_create_response_from_buffer(sizeof yes - 1, yes, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result result = MHD_queue_response(connection, atomic_load(&request->failed) ? 503 : 202, response);
    MHD_destroy_response(response);
    return result;
}
static void completed(void *context, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code) {
    (void)context; (void)connection; (void)code;
    request_t *request = *state;
    if (request) { free(request->body); free(request); *state = NULL; }
}
static void must(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char error[256];
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) { fprintf(stderr, "http: %s\n", error); exit(1); }
}
static volatile sig_atomic_t stop = 0;
static void stopping(int number) { (void)number; stop = 1; }

int main(int argc, char **argv) {
    if (argc < 4) { fprintf(stderr, "usage: http BOOTSTRAP TOPIC PORT [THREADS] [LINGER_MS]\n"); return 2; }
    topic = argv[2];
    char error[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    must(conf, "bootstrap.servers", argv[1]);
    must(conf, "acks", "all");
    must(conf, "enable.idempotence", "true");
    must(conf, "partitioner", "murmur2_random");
    must(conf, "linger.ms", argc > 5 ? argv[5] : "2");
    must(conf, "queue.buffering.max.messages", "1000000");
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    if (!client) { fprintf(stderr, "http: %s\n", error); return 1; }
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, (unsigned short)atoi(argv[3]), NULL, NULL, handle, NULL,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned int)(argc > 4 ? atoi(argv[4]) : 2), MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
        MHD_OPTION_CONNECTION_LIMIT, 4096u, MHD_OPTION_END);
    if (!daemon) { fprintf(stderr, "http: cannot listen on %s\n", argv[3]); return 1; }
    signal(SIGTERM, stopping);
    signal(SIGINT, stopping);
    while (!stop) rd_kafka_poll(client, 100);
    MHD_stop_daemon(daemon);
    rd_kafka_destroy(client);
    return 0;
}
