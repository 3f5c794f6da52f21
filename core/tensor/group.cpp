#include "core/tensor/group.h"

#include "core/tensor/guard.h"

#ifdef DRIFTSCOPE_HAS_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif

namespace driftscope::tensor {

#ifdef DRIFTSCOPE_HAS_GLOO

struct Group::Link {
    c10::intrusive_ptr<c10d::ProcessGroupGloo> processes;
};

namespace {

/// A member may evaluate for hours while the others wait for it; one that died closes its connections, which is seen at once.
constexpr std::chrono::hours kPatience{48};

struct Meeting {
    std::string host;
    std::uint16_t port = 0;
};

Result<Meeting> meetingOf(const std::string& text) {
    const auto colon = text.rfind(':');
    const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
    const bool number = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
    if (colon == 0 || !number || std::stol(port) < 1 || std::stol(port) > 65535)
        return fail(ErrorCode::Usage, fmt::format("'{}' is not the address of a meeting place.", text), "Write host:port of the first process, such as node7:29500.");
    return Meeting{text.substr(0, colon), static_cast<std::uint16_t>(std::stol(port))};
}

std::shared_ptr<gloo::transport::Device> networkFor(const std::string& host) {
    if (const char* named = std::getenv("GLOO_SOCKET_IFNAME"); named && *named) return c10d::ProcessGroupGloo::createDeviceForInterface(named);
    if (host == "localhost" || host.rfind("127.", 0) == 0) return c10d::ProcessGroupGloo::createDeviceForInterface("lo");
    return c10d::ProcessGroupGloo::createDefaultDevice();
}

}  // namespace

Result<std::shared_ptr<Group>> Group::join(int rank, int size, const std::string& meet, double seconds) {
    DS_ASSIGN(const Meeting meeting, meetingOf(meet));
    auto joined = guarded(fmt::format("meeting the {} processes at {}", size, meet), [&] {
        c10d::TCPStoreOptions where;
        where.port = meeting.port;
        where.isServer = rank == 0;
        where.numWorkers = size;
        where.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
        const auto store = c10::make_intrusive<c10d::TCPStore>(meeting.host, where);
        const auto options = c10d::ProcessGroupGloo::Options::create(kPatience);
        options->devices.push_back(networkFor(meeting.host));
        auto link = std::make_shared<Link>();
        link->processes = c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank, size, options);
        return std::shared_ptr<Group>(new Group(rank, size, std::move(link)));
    });
    if (!joined) joined.error().remedy = "Start all processes with the same address and 'ranks', each with another 'rank', and check that the first is reachable.";
    return joined;
}

void Group::sum(torch::Tensor& values) {
    // Gloo adds numbers in main memory.
    std::vector<torch::Tensor> sent{values.to(torch::kCPU).contiguous()};
    link_->processes->allreduce(sent)->wait();
    if (sent[0].data_ptr() != values.data_ptr()) values.copy_(sent[0]);
}

#else

struct Group::Link {};

Result<std::shared_ptr<Group>> Group::join(int, int, const std::string&, double) {
    return fail(ErrorCode::Unsupported, "This program was built without Gloo, so processes cannot train together.", "Install libgloo-dev and build it again.");
}

void Group::sum(torch::Tensor&) {}

#endif

double Group::sum(double value) {
    torch::Tensor one = torch::full({1}, value, torch::kFloat64);
    sum(one);
    return one.item<double>();
}

std::int64_t Group::sum(std::int64_t value) {
    torch::Tensor one = torch::full({1}, value, torch::kInt64);
    sum(one);
    return one.item<std::int64_t>();
}

}  // namespace driftscope::tensor
