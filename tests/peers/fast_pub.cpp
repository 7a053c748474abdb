// A publisher on Fast DDS (C++) with ROS 2 names and hand-written CDR.
//
// Usage: fast_pub TOPIC COUNT RATE_HZ [IMAGE_BYTES]; prints ready and done like the other peers.
#include <fastdds/dds/domain/DomainParticipant.hpp>
#include <fastdds/dds/domain/DomainParticipantFactory.hpp>
#include <fastdds/dds/publisher/DataWriter.hpp>
#include <fastdds/dds/publisher/Publisher.hpp>
#include <fastdds/dds/publisher/qos/DataWriterQos.hpp>
#include <fastdds/dds/topic/TopicDataType.hpp>
#include <fastdds/dds/topic/TypeSupport.hpp>
#include <fastdds/rtps/transport/UDPv4TransportDescriptor.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <time.h>
#include <unistd.h>
#include <vector>

using namespace eprosima::fastdds::dds;
using namespace eprosima::fastrtps::rtps;

struct Blob {
  std::vector<uint8_t> bytes;
};

struct RawType : TopicDataType {
  RawType(const char *name, uint32_t max) {
    setName(name);
    m_typeSize = max;
    m_isGetKeyDefined = false;
  }
  bool serialize(void *data, SerializedPayload_t *p) override {
    auto *b = static_cast<Blob *>(data);
    p->encapsulation = CDR_LE;
    p->length = b->bytes.size();
    memcpy(p->data, b->bytes.data(), b->bytes.size());
    return true;
  }
  bool deserialize(SerializedPayload_t *p, void *data) override {
    static_cast<Blob *>(data)->bytes.assign(p->data, p->data + p->length);
    return true;
  }
  std::function<uint32_t()> getSerializedSizeProvider(void *data) override {
    return [data] { return static_cast<uint32_t>(static_cast<Blob *>(data)->bytes.size()); };
  }
  void *createData() override { return new Blob; }
  void deleteData(void *data) override { delete static_cast<Blob *>(data); }
  bool getKey(void *, InstanceHandle_t *, bool) override { return false; }
};

static int64_t clock_ns(clockid_t id) {
  timespec t;
  clock_gettime(id, &t);
  return t.tv_sec * 1000000000ll + t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  std::string topic = std::string("rt") + argv[1];
  long count = atol(argv[2]);
  double rate = atof(argv[3]);
  size_t image = argc > 4 ? atol(argv[4]) : 0;

  DomainParticipantQos pq;
  pq.name("fast_talker");
  std::string enclave = "enclave=/;";
  pq.user_data().assign(enclave.begin(), enclave.end());
  pq.transport().use_builtin_transports = false;
  auto udp = std::make_shared<eprosima::fastdds::rtps::UDPv4TransportDescriptor>();
  udp->interfaceWhiteList.push_back("127.0.0.1");
  udp->sendBufferSize = 4 << 20;
  pq.transport().user_transports.push_back(udp);
  auto *dp = DomainParticipantFactory::get_instance()->create_participant(0, pq);
  if (!dp) return 1;
  TypeSupport type(new RawType(image ? "sensor_msgs::msg::dds_::Image_" : "geometry_msgs::msg::dds_::PointStamped_",
                               image + 256));
  type.register_type(dp);
  auto *publisher = dp->create_publisher(PUBLISHER_QOS_DEFAULT);
  DataWriterQos q;
  q.reliability().kind = RELIABLE_RELIABILITY_QOS;
  q.durability().kind = VOLATILE_DURABILITY_QOS;
  q.history().kind = KEEP_LAST_HISTORY_QOS;
  q.history().depth = image ? 10 : 1000;
  q.publish_mode().kind = image > 60000 ? ASYNCHRONOUS_PUBLISH_MODE : SYNCHRONOUS_PUBLISH_MODE;
  q.endpoint().history_memory_policy = PREALLOCATED_WITH_REALLOC_MEMORY_MODE;
  q.data_sharing().off();
  auto *t = dp->create_topic(topic, type.get_type_name(), TOPIC_QOS_DEFAULT);
  auto *writer = publisher->create_datawriter(t, q);
  if (!writer) return 1;

  int64_t end = clock_ns(CLOCK_MONOTONIC) + 10000000000ll;
  PublicationMatchedStatus status;
  do {
    writer->get_publication_matched_status(status);
    usleep(20000);
  } while (status.current_count < 1 && clock_ns(CLOCK_MONOTONIC) < end);
  usleep(500000);
  printf("{\"event\":\"ready\"}\n");
  fflush(stdout);

  Blob b;
  b.bytes.assign(image ? 48 + image : 44, 0);
  const uint8_t header[4] = {0, 1, 0, 0};
  const uint32_t one = 1, five = 5, size = image;
  memcpy(&b.bytes[0], header, 4);
  memcpy(&b.bytes[12], &one, 4);
  if (image) {
    memcpy(&b.bytes[28], &five, 4);
    memcpy(&b.bytes[32], "rgb8", 5);
    memcpy(&b.bytes[44], &size, 4);
    for (size_t k = 0; k < image; k++) b.bytes[48 + k] = static_cast<uint8_t>(k * 7);
  }
  long failed = 0;
  int64_t start = clock_ns(CLOCK_MONOTONIC);
  for (long n = 0; n < count; n++) {
    int64_t due = start + static_cast<int64_t>(n * 1e9 / rate);
    timespec ts = {due / 1000000000, due % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, nullptr);
    int64_t now = clock_ns(CLOCK_REALTIME);
    int32_t sec = now / 1000000000;
    uint32_t nanosec = now % 1000000000;
    memcpy(&b.bytes[4], &sec, 4);
    memcpy(&b.bytes[8], &nanosec, 4);
    if (image) {
      uint32_t height = n;
      memcpy(&b.bytes[20], &height, 4);
    } else {
      double x = n, y = n / 2.0, z = 7;
      memcpy(&b.bytes[20], &x, 8);
      memcpy(&b.bytes[28], &y, 8);
      memcpy(&b.bytes[36], &z, 8);
    }
    if (!writer->write(&b)) failed++;
  }
  printf("{\"event\":\"done\",\"sent\":%ld,\"failed\":%ld}\n", count, failed);
  fflush(stdout);
  usleep(1500000);
  _exit(0);
}
