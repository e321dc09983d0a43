// What Swift cannot say to librdkafka: variadic calls and macros. Everything else is used as the header declares it.
#pragma once
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

// rd_kafka_producev is variadic and its _V macros are not imported. No explicit partition is passed: librdkafka before 2.12 frees the
// headers twice when an explicit partition does not exist. `headers` may be NULL; it is owned by librdkafka only when this returns 0.
static inline rd_kafka_resp_err_t gigawatch_produce_with_headers(
    rd_kafka_t *client, rd_kafka_topic_t *topic, const void *value, size_t value_length, const void *key, size_t key_length,
    rd_kafka_headers_t *headers, void *token) {
    return rd_kafka_producev(client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                             RD_KAFKA_V_VALUE((void *)value, value_length), RD_KAFKA_V_KEY((void *)key, key_length),
                             RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(token), RD_KAFKA_V_END);
}

// The path without headers: no argument list to walk, and rd_kafka_last_error is a thread-local read.
static inline rd_kafka_resp_err_t gigawatch_produce(
    rd_kafka_topic_t *topic, const void *value, size_t value_length, const void *key, size_t key_length, void *token) {
    if (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, (void *)value, value_length, key, key_length, token) == 0)
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    return rd_kafka_last_error();
}

// Reads up to `capacity` messages that are there already; one call, so that the loop over pointers stays in C.
static inline ssize_t gigawatch_consume_batch(rd_kafka_queue_t *queue, rd_kafka_message_t **messages, size_t capacity) {
    return rd_kafka_consume_batch_queue(queue, 0, messages, capacity);
}

static inline void gigawatch_destroy_messages(rd_kafka_message_t **messages, size_t count) {
    for (size_t index = 0; index < count; index++) rd_kafka_message_destroy(messages[index]);
}

// pthread_setname_np wants _GNU_SOURCE; prctl is variadic.
static inline void gigawatch_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

// Glibc's Swift module does not hold <sys/eventfd.h>.
static inline int gigawatch_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
