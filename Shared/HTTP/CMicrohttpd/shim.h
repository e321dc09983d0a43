// libmicrohttpd starts with a variadic function and calls back with closed enums; both import badly into Swift. So its start, its callbacks
// and the few calls that take an enum are static inline functions here, with plain integers.
#pragma once
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>

// What libmicrohttpd calls. `context` is given back on every call. Must outlive the daemon.
typedef struct gw_http_callbacks {
    void *context;
    // 1 to go on, 0 to close the connection without an answer.
    int (*access)(void *context, struct MHD_Connection *connection, const char *path, const char *method, const char *version,
                  const char *upload, size_t *upload_count, void **state);
    void (*completed)(void *context, struct MHD_Connection *connection, void **state, int reason);
    void (*message)(void *context, const char *text);
} gw_http_callbacks;

typedef struct gw_http_options {
    int listen_socket;
    int is_ipv6;
    unsigned threads;
    unsigned connections;
    unsigned connections_per_address;
    unsigned idle_seconds;
    size_t connection_memory_bytes;
    const char *certificate_pem;   // both or neither
    const char *key_pem;
} gw_http_options;

static inline enum MHD_Result gw_http_access(void *cls, struct MHD_Connection *connection, const char *path, const char *method,
                                             const char *version, const char *upload, size_t *upload_count, void **state) {
    const gw_http_callbacks *callbacks = (const gw_http_callbacks *)cls;
    return callbacks->access(callbacks->context, connection, path, method, version, upload, upload_count, state) ? MHD_YES : MHD_NO;
}

static inline void gw_http_completed(void *cls, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode reason) {
    const gw_http_callbacks *callbacks = (const gw_http_callbacks *)cls;
    callbacks->completed(callbacks->context, connection, state, (int)reason);
}

static inline void gw_http_message(void *cls, const char *format, va_list arguments) {
    const gw_http_callbacks *callbacks = (const gw_http_callbacks *)cls;
    char text[512];
    vsnprintf(text, sizeof text, format, arguments);
    callbacks->message(callbacks->context, text);
}

static inline struct MHD_Daemon *gw_http_start(const gw_http_options *options, const gw_http_callbacks *callbacks) {
    struct MHD_OptionItem items[16];
    unsigned n = 0;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | MHD_USE_TURBO;
#define GW_ITEM(o, v, p) do { items[n].option = (o); items[n].value = (intptr_t)(v); items[n].ptr_value = (void *)(p); n++; } while (0)
    // The logger comes first, so that it gets the messages of the options after it.
    GW_ITEM(MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)&gw_http_message, callbacks);
    GW_ITEM(MHD_OPTION_LISTEN_SOCKET, options->listen_socket, NULL);
    if (options->threads > 1) { GW_ITEM(MHD_OPTION_THREAD_POOL_SIZE, options->threads, NULL); }
    GW_ITEM(MHD_OPTION_CONNECTION_LIMIT, options->connections, NULL);
    if (options->connections_per_address) { GW_ITEM(MHD_OPTION_PER_IP_CONNECTION_LIMIT, options->connections_per_address, NULL); }
    GW_ITEM(MHD_OPTION_CONNECTION_TIMEOUT, options->idle_seconds, NULL);
    GW_ITEM(MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->connection_memory_bytes, NULL);
    GW_ITEM(MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)&gw_http_completed, callbacks);
    GW_ITEM(MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL);
    if (options->is_ipv6) { flags |= MHD_USE_IPv6; }
    if (options->certificate_pem && options->key_pem) {
        flags |= MHD_USE_TLS;
        GW_ITEM(MHD_OPTION_HTTPS_MEM_CERT, 0, options->certificate_pem);
        GW_ITEM(MHD_OPTION_HTTPS_MEM_KEY, 0, options->key_pem);
        GW_ITEM(MHD_OPTION_HTTPS_PRIORITIES, 0, "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1");
    }
    GW_ITEM(MHD_OPTION_END, 0, NULL);
#undef GW_ITEM
    return MHD_start_daemon(flags, 0, NULL, NULL, &gw_http_access, (void *)callbacks, MHD_OPTION_ARRAY, items, MHD_OPTION_END);
}

static inline const char *gw_http_header(struct MHD_Connection *connection, const char *name) {
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

// Answers 1 when the parameter is there; its value may be NULL (`?flag`).
static inline int gw_http_query(struct MHD_Connection *connection, const char *name, size_t name_count, const char **value, size_t *value_count) {
    return MHD_lookup_connection_value_n(connection, MHD_GET_ARGUMENT_KIND, name, name_count, value, value_count) == MHD_YES;
}

typedef void (*gw_http_pair)(void *context, const char *key, const char *value);
typedef struct gw_http_visit { gw_http_pair visit; void *context; } gw_http_visit;

static inline enum MHD_Result gw_http_visit_one(void *cls, enum MHD_ValueKind kind, const char *key, const char *value) {
    (void)kind;
    gw_http_visit *v = (gw_http_visit *)cls;
    v->visit(v->context, key, value);
    return MHD_YES;
}

static inline void gw_http_each_query(struct MHD_Connection *connection, gw_http_pair visit, void *context) {
    gw_http_visit v = { visit, context };
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, &gw_http_visit_one, &v);
}

static inline void gw_http_each_header(struct MHD_Connection *connection, gw_http_pair visit, void *context) {
    gw_http_visit v = { visit, context };
    MHD_get_connection_values(connection, MHD_HEADER_KIND, &gw_http_visit_one, &v);
}

static inline int gw_http_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

static inline const struct sockaddr *gw_http_peer(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}

static inline struct MHD_Response *gw_http_response_copying(size_t count, const void *bytes) {
    return MHD_create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
}

static inline struct MHD_Response *gw_http_response_owning(size_t count, const void *bytes, void (*release)(void *), void *owner) {
    return MHD_create_response_from_buffer_with_free_callback_cls(count, (void *)bytes, release, owner);
}

// `read` answers the number of bytes put at `buffer`, 0 after it has suspended the connection, -1 at the end, -2 to cut the connection.
static inline struct MHD_Response *gw_http_response_streaming(ssize_t (*read)(void *, uint64_t, char *, size_t), void *context, void (*release)(void *)) {
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16384, read, context, release);
}

static inline int gw_http_queue(struct MHD_Connection *connection, unsigned status, struct MHD_Response *response) {
    return MHD_queue_response(connection, status, response) == MHD_YES;
}
