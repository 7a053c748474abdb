// A publisher on Cyclone DDS (C) that looks like a ROS 2 node on the wire.
//
// Prints {"event":"ready"} once its writers are matched (or the wait is over) and {"event":"done","sent":N} at the end.
// PointStamped: point.x counts from 0 per topic, point.y = x / 2, point.z = topic index, or noise. Image: height counts.
#define _GNU_SOURCE
#include "dds/dds.h"
#include "Ros.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *POINT_HASH =
    "typehash=RIHS01_4c0296af86e01e562e9e0405d138a01537247580076c58ea38d7923ac1045897;";

static int64_t clock_ns(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void usage(void) {
  fprintf(stderr,
          "cyclone_pub [--prefix NAME] [--topics N] [--rate HZ] [--count PER_TOPIC] [--image BYTES] [--string]\n"
          "            [--best-effort] [--transient-local] [--depth N] [--wait SECS] [--linger SECS]\n"
          "            [--readers N] [--no-hash] [--node NAME] [--burst N] [--noise] [--custom]\n");
  exit(2);
}

int main(int argc, char **argv) {
  int topics = 1, reliable = 1, transient_local = 0, depth = 100, readers = 1, string = 0, burst = 1;
  long count = 1000, image = 0;
  int noise = 0, custom = 0;
  double rate = 1000, wait = 5, linger = 1.5;
  const char *prefix = "bench/t", *hash = POINT_HASH, *node = "cyclone_talker";
  for (int i = 1; i < argc; i++) {
    const char *a = argv[i];
    const char *v = i + 1 < argc ? argv[i + 1] : NULL;
#define VALUE (v ? (i++, v) : (usage(), ""))
    if (!strcmp(a, "--prefix")) prefix = VALUE;
    else if (!strcmp(a, "--topics")) topics = atoi(VALUE);
    else if (!strcmp(a, "--rate")) rate = atof(VALUE);
    else if (!strcmp(a, "--count")) count = atol(VALUE);
    else if (!strcmp(a, "--image")) image = atol(VALUE);
    else if (!strcmp(a, "--string")) string = 1;
    else if (!strcmp(a, "--best-effort")) reliable = 0;
    else if (!strcmp(a, "--transient-local")) transient_local = 1;
    else if (!strcmp(a, "--depth")) depth = atoi(VALUE);
    else if (!strcmp(a, "--wait")) wait = atof(VALUE);
    else if (!strcmp(a, "--linger")) linger = atof(VALUE);
    else if (!strcmp(a, "--readers")) readers = atoi(VALUE);
    else if (!strcmp(a, "--burst")) burst = atoi(VALUE);
    else if (!strcmp(a, "--no-hash")) hash = "";
    else if (!strcmp(a, "--node")) node = VALUE;
    else if (!strcmp(a, "--noise")) noise = 1;
    else if (!strcmp(a, "--custom")) custom = 1;
    else usage();
  }
  if (image || string || custom) hash = "";

  dds_qos_t *pq = dds_create_qos();
  dds_qset_userdata(pq, "enclave=/;", strlen("enclave=/;"));
  dds_entity_t dp = dds_create_participant(0, pq, NULL);
  if (dp < 0) { fprintf(stderr, "participant: %s\n", dds_strretcode(-dp)); return 1; }

  dds_qos_t *q = dds_create_qos();
  dds_qset_reliability(q, reliable ? DDS_RELIABILITY_RELIABLE : DDS_RELIABILITY_BEST_EFFORT, DDS_SECS(2));
  dds_qset_durability(q, transient_local ? DDS_DURABILITY_TRANSIENT_LOCAL : DDS_DURABILITY_VOLATILE);
  if (transient_local) dds_qset_durability_service(q, 0, DDS_HISTORY_KEEP_LAST, depth, -1, -1, -1);
  dds_qset_history(q, DDS_HISTORY_KEEP_LAST, depth);
  if (*hash) dds_qset_userdata(q, hash, strlen(hash));

  dds_entity_t *writers = calloc(topics, sizeof *writers);
  for (int i = 0; i < topics; i++) {
    char name[256];
    snprintf(name, sizeof name, "rt/%s%d", prefix, i);
    const dds_topic_descriptor_t *desc = image    ? &sensor_msgs_msg_dds__Image__desc
                                         : string ? &std_msgs_msg_dds__String__desc
                                         : custom ? &robot_msgs_msg_dds__Custom__desc
                                                  : &geometry_msgs_msg_dds__PointStamped__desc;
    dds_entity_t topic = dds_create_topic(dp, desc, name, NULL, NULL);
    writers[i] = topic < 0 ? topic : dds_create_writer(dp, topic, q, NULL);
    if (writers[i] < 0) { fprintf(stderr, "%s: %s\n", name, dds_strretcode(-writers[i])); return 1; }
  }

  // The node's announcement, as rmw_dds_common writes it.
  dds_qos_t *dq = dds_create_qos();
  dds_qset_reliability(dq, DDS_RELIABILITY_RELIABLE, DDS_SECS(1));
  dds_qset_durability(dq, DDS_DURABILITY_TRANSIENT_LOCAL);
  dds_qset_history(dq, DDS_HISTORY_KEEP_LAST, 1);
  dds_qset_durability_service(dq, 0, DDS_HISTORY_KEEP_LAST, 1, -1, -1, -1);
  dds_entity_t dt = dds_create_topic(dp, &rmw_dds_common_msg_dds__ParticipantEntitiesInfo__desc,
                                     "ros_discovery_info", NULL, NULL);
  dds_entity_t dw = dds_create_writer(dp, dt, dq, NULL);
  rmw_dds_common_msg_dds__ParticipantEntitiesInfo_ info;
  rmw_dds_common_msg_dds__NodeEntitiesInfo_ ni;
  memset(&info, 0, sizeof info);
  memset(&ni, 0, sizeof ni);
  dds_guid_t guid;
  dds_get_guid(dp, &guid);
  memcpy(info.gid.data, guid.v, 16);
  ni.node_namespace = "/";
  ni.node_name = (char *)node;
  rmw_dds_common_msg_dds__Gid_ *gids = calloc(topics, sizeof *gids);
  for (int i = 0; i < topics; i++) { dds_get_guid(writers[i], &guid); memcpy(gids[i].data, guid.v, 16); }
  ni.writer_gid_seq._buffer = gids;
  ni.writer_gid_seq._length = ni.writer_gid_seq._maximum = topics;
  info.node_entities_info_seq._buffer = &ni;
  info.node_entities_info_seq._length = info.node_entities_info_seq._maximum = 1;
  if (dds_write(dw, &info)) fprintf(stderr, "cannot announce the node\n");

  int64_t end = clock_ns(CLOCK_MONOTONIC) + (int64_t)(wait * 1e9);
  int matched = 0;
  while (clock_ns(CLOCK_MONOTONIC) < end && matched < topics) {
    matched = 0;
    for (int i = 0; i < topics; i++) {
      dds_publication_matched_status_t s;
      dds_get_publication_matched_status(writers[i], &s);
      if ((int)s.current_count >= readers) matched++;
    }
    dds_sleepfor(DDS_MSECS(20));
  }
  if (readers > 0) dds_sleepfor(DDS_MSECS(500));
  printf("{\"event\":\"ready\",\"matched\":%d}\n", matched);
  fflush(stdout);

  geometry_msgs_msg_dds__PointStamped_ point;
  sensor_msgs_msg_dds__Image_ picture;
  std_msgs_msg_dds__String_ text;
  memset(&point, 0, sizeof point);
  memset(&picture, 0, sizeof picture);
  point.header.frame_id = picture.header.frame_id = "peer";
  picture.encoding = "rgb8";
  if (image) {
    picture.data._buffer = malloc(image);
    for (long k = 0; k < image; k++) picture.data._buffer[k] = (uint8_t)(k * 7);
    picture.data._length = picture.data._maximum = image;
  }
  long failed = 0;
  double period = 1e9 / (rate * topics) * burst;
  int64_t start = clock_ns(CLOCK_MONOTONIC);
  for (long k = 0; k < count * topics; k++) {
    if (k % burst == 0) {
      int64_t due = start + (int64_t)((k / burst) * period);
      struct timespec ts = {due / 1000000000ll, due % 1000000000ll};
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
    }
    int i = k % topics;
    long n = k / topics;
    int64_t now = clock_ns(CLOCK_REALTIME);
    int rc;
    if (image) {
      picture.header.stamp.sec = now / 1000000000ll;
      picture.header.stamp.nanosec = now % 1000000000ll;
      picture.height = n;
      rc = dds_write(writers[i], &picture);
    } else if (string) {
      char line[64];
      snprintf(line, sizeof line, "line %ld", n);
      text.data = line;
      rc = dds_write(writers[i], &text);
    } else if (custom) {
      robot_msgs_msg_dds__Custom_ value = {n};
      rc = dds_write(writers[i], &value);
    } else {
      point.header.stamp.sec = now / 1000000000ll;
      point.header.stamp.nanosec = now % 1000000000ll;
      point.point.x = n;
      point.point.y = n / 2.0;
      point.point.z = noise ? rand() / (double)RAND_MAX - 0.5 : i;
      rc = dds_write(writers[i], &point);
    }
    if (rc) failed++;
  }
  double secs = (clock_ns(CLOCK_MONOTONIC) - start) / 1e9;
  printf("{\"event\":\"done\",\"sent\":%ld,\"failed\":%ld,\"secs\":%.3f}\n", count * topics, failed, secs);
  fflush(stdout);
  dds_sleepfor((dds_duration_t)(linger * 1e9));
  dds_delete(dp);
  return 0;
}
