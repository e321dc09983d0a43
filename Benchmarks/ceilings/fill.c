// Fills a topic with simulated meter readings as fast as librdkafka takes them: the load of every benchmark, and the ceiling of producing.
//   fill BOOTSTRAP TOPIC EVENTS [SITES=500] [FLAP=0] [START=unix seconds, default now - EVENTS/SITES seconds] [RUN=0]
// Each event is a CloudEvents document of 322 to 333 bytes (site.telemetry.v1), one reading a site and second. FLAP=1 lets each site's power cross
// 95 MW and back every 20 readings. RUN goes into the event ids, so that two fills do not repeat each other. Prints events, seconds, events/s.
#include <librdkafka/rdkafka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec * 1e-9; }
static long failed = 0;
static void delivered(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) { (void)client; (void)opaque; if (message->err) failed++; }
static void must(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char error[256];
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) { fprintf(stderr, "fill: %s\n", error); exit(1); }
}

int main(int argc, char **argv) {
    if (argc < 4) { fprintf(stderr, "usage: fill BOOTSTRAP TOPIC EVENTS [SITES] [FLAP] [START] [RUN]\n"); return 2; }
    long events = atol(argv[3]), sites = argc > 4 ? atol(argv[4]) : 500;
    int flap = argc > 5 ? atoi(argv[5]) : 0;
    long start = argc > 6 && atol(argv[6]) ? atol(argv[6]) : (long)time(NULL) - events / sites - 1;
    long run = argc > 7 ? atol(argv[7]) : 0;
    char error[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    must(conf, "bootstrap.servers", argv[1]);
    must(conf, "acks", "all");
    must(conf, "enable.idempotence", "true");
    must(conf, "compression.type", "lz4");
    must(conf, "linger.ms", "20");
    must(conf, "partitioner", "murmur2_random");
    must(conf, "queue.buffering.max.messages", "1000000");
    must(conf, "queue.buffering.max.kbytes", "524288");
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    if (!client) { fprintf(stderr, "fill: %s\n", error); return 1; }
    rd_kafka_headers_t *headers = rd_kafka_headers_new(2);
    rd_kafka_header_add(headers, "content-type", -1, "application/cloudevents+json", -1);
    rd_kafka_header_add(headers, "acceptedby", -1, "bench", -1);
    double began = now();
    for (long i = 0; i < events; i++) {
        long site = i % sites, second = i / sites;
        time_t at = start + second;
        struct tm utc;
        gmtime_r(&at, &utc);
        double wave = flap ? ((second + site) / 10 % 2 ? 96000.0 : 88000.0) : 60000.0 + 20000.0 * sin((second + site * 37) / 900.0);
        double power = wave + (double)((i * 2654435761UL) % 1000) / 10.0;
        char key[32], value[512], when[32];
        int keyed = snprintf(key, sizeof key, "bench-site-%04ld", site);
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
        int length = snprintf(value, sizeof value,
            "{\"specversion\":\"1.0\",\"id\":\"bench-%ld-%010ld\",\"source\":\"/gigawatch/simulated/gateway/%04ld\",\"type\":\"site.telemetry.v1\",\"subject\":\"%s\","
            "\"time\":\"%s.000Z\",\"datacontenttype\":\"application/json\",\"data\":{\"power_kw\":%.1f,\"energy_kwh_total\":%.1f,\"gpu_utilization\":%.3f,\"gpus\":100000,\"pue\":1.21}}",
            run, i, site, key, when, power, 1000000.0 + second * power / 3600.0, 0.5 + (i % 400) / 1000.0);
        rd_kafka_headers_t *copy = rd_kafka_headers_copy(headers);
        for (;;) {
            rd_kafka_resp_err_t code = rd_kafka_producev(client, RD_KAFKA_V_TOPIC(argv[2]), RD_KAFKA_V_KEY(key, (size_t)keyed), RD_KAFKA_V_VALUE(value, (size_t)length),
                RD_KAFKA_V_HEADERS(copy), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
            if (!code) break;
            if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) { fprintf(stderr, "fill: %s\n", rd_kafka_err2str(code)); return 1; }
            rd_kafka_poll(client, 50);
        }
        if (i % 1000 == 0) rd_kafka_poll(client, 0);
    }
    while (rd_kafka_outq_len(client) > 0) rd_kafka_poll(client, 100);
    double seconds = now() - began;
    printf("{\"events\":%ld,\"failed\":%ld,\"seconds\":%.3f,\"events_per_second\":%.0f}\n", events, failed, seconds, events / seconds);
    rd_kafka_destroy(client);
    return failed ? 1 : 0;
}
