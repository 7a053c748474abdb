// A subscriber on Cyclone DDS (C): prints one JSON line per PointStamped and a summary.
#include "dds/dds.h"
#include "Ros.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : "rt/point";
  long want = argc > 2 ? atol(argv[2]) : 10;
  double secs = argc > 3 ? atof(argv[3]) : 10;
  dds_entity_t dp = dds_create_participant(0, NULL, NULL);
  dds_entity_t topic = dds_create_topic(dp, &geometry_msgs_msg_dds__PointStamped__desc, name, NULL, NULL);
  dds_qos_t *q = dds_create_qos();
  dds_qset_reliability(q, DDS_RELIABILITY_RELIABLE, DDS_SECS(1));
  dds_qset_history(q, DDS_HISTORY_KEEP_LAST, 1000);
  dds_entity_t reader = dds_create_reader(dp, topic, q, NULL);
  if (reader < 0) { fprintf(stderr, "%s\n", dds_strretcode(-reader)); return 1; }
  printf("{\"event\":\"ready\"}\n");
  fflush(stdout);
  long got = 0;
  dds_time_t end = dds_time() + (dds_duration_t)(secs * 1e9);
  while (got < want && dds_time() < end) {
    void *sample[1] = {NULL};
    dds_sample_info_t info[1];
    int n = dds_take(reader, sample, info, 1, 1);
    if (n <= 0) { dds_sleepfor(DDS_MSECS(1)); continue; }
    if (info[0].valid_data) {
      geometry_msgs_msg_dds__PointStamped_ *p = sample[0];
      printf("{\"x\":%.17g,\"y\":%.17g,\"z\":%.17g,\"frame_id\":\"%s\",\"source_ns\":%lld}\n", p->point.x, p->point.y,
             p->point.z, p->header.frame_id, (long long)info[0].source_timestamp);
      got++;
    }
    dds_return_loan(reader, sample, n);
  }
  printf("{\"event\":\"done\",\"got\":%ld}\n", got);
  dds_delete(dp);
  return 0;
}
