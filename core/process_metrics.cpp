#include "core/process_metrics.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

namespace varia {

namespace {

struct process_metrics {
  gauge resident{"process_resident_memory_bytes", "Resident memory size in bytes."};
  gauge virtual_size{"process_virtual_memory_bytes", "Virtual memory size in bytes."};
  gauge open_fds{"process_open_fds", "Number of open file descriptors."};
  gauge max_fds{"process_max_fds", "Maximum number of open file descriptors."};
  gauge threads{"process_threads", "Number of threads."};
  gauge started{"process_start_time_seconds", "Start time of the process since unix epoch."};
  counter cpu{"process_cpu_seconds_total", "Total user and system CPU time spent in seconds."};
  double cpu_told = 0; ///< Hooks are called one at a time.
};

process_metrics& all() {
  static auto& result = *new process_metrics;
  return result;
}

double seconds_of(const timeval& x) {
  return static_cast<double>(x.tv_sec) + static_cast<double>(x.tv_usec) / 1e6;
}

void read_memory(const process_metrics& to) {
  std::ifstream stream{"/proc/self/statm"};
  double pages = 0;
  double resident = 0;
  if (!(stream >> pages >> resident))
    return;
  auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  to.virtual_size.set(pages * page);
  to.resident.set(resident * page);
}

double count_entries(const char* folder) {
  std::error_code ignored;
  double result = 0;
  for (std::filesystem::directory_iterator at{folder, ignored}, end; !ignored && at != end;
       at.increment(ignored))
    ++result;
  return result;
}

void read_process() {
  auto& to = all();
  read_memory(to);
  to.open_fds.set(count_entries("/proc/self/fd"));
  to.threads.set(count_entries("/proc/self/task"));
  rlimit most{};
  if (::getrlimit(RLIMIT_NOFILE, &most) == 0)
    to.max_fds.set(static_cast<double>(most.rlim_cur));
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) != 0)
    return;
  auto cpu = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
  to.cpu.add(cpu - to.cpu_told);
  to.cpu_told = cpu;
}

} // namespace

std::unique_ptr<scrape_hook> measure_process(const std::string& kind, const std::string& version) {
  gauge{"varia_build_info",
        "Which build this is, as what kind of process; always 1.",
        {{"version", version}, {"kind", kind}}}
    .set(1);
  auto now = std::chrono::system_clock::now().time_since_epoch();
  all().started.set(std::chrono::duration<double>(now).count());
  return std::make_unique<scrape_hook>(read_process);
}

} // namespace varia
