#include "core/metrics.hpp"

#include <mutex>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace varia {

namespace {

// What is measured may be measured until the very end of the process, so nothing here is destroyed.
prometheus::Registry& registry() {
  static auto& result = *new prometheus::Registry;
  return result;
}

struct hook_list {
  std::mutex mutex;
  std::map<int, std::function<void()>> all;
  int last = 0;
};

hook_list& hooks() {
  static auto& result = *new hook_list;
  return result;
}

std::map<std::string, counter> make_counters(const char* name, const char* help,
                                             const std::string& label,
                                             const std::vector<std::string>& values) {
  std::map<std::string, counter> result;
  for (auto& value : values)
    result.emplace(value, counter{name, help, {{label, value}}});
  return result;
}

} // namespace

counter::counter(const char* name, const char* help, const metric_labels& labels)
  : it_{&prometheus::BuildCounter().Name(name).Help(help).Register(registry()).Add(labels)} {}

void counter::add(double x) const {
  it_->Increment(x);
}

gauge::gauge(const char* name, const char* help, const metric_labels& labels)
  : it_{&prometheus::BuildGauge().Name(name).Help(help).Register(registry()).Add(labels)} {}

void gauge::set(double x) const {
  it_->Set(x);
}

void gauge::add(double x) const {
  it_->Increment(x);
}

void gauge_share::set(bool counts) {
  if (std::exchange(counts_, counts) != counts)
    of_.add(counts ? 1 : -1);
}

histogram::histogram(const char* name, const char* help, const std::vector<double>& bounds,
                     const metric_labels& labels)
  : it_{
    &prometheus::BuildHistogram().Name(name).Help(help).Register(registry()).Add(labels, bounds)} {}

void histogram::observe(double seconds) const {
  it_->Observe(seconds);
}

const std::vector<double>& short_spans() {
  static const std::vector<double> result{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                          0.025,  0.05,    0.1,    0.25,  0.5,    1,     2.5};
  return result;
}

const std::vector<double>& long_spans() {
  static const std::vector<double> result{0.01, 0.05, 0.1, 0.25, 0.5,  1,    2.5,   5,    10,
                                          30,   60,   300, 900,  3600, 7200, 21600, 86400};
  return result;
}

counter_group::counter_group(const char* name, const char* help, const std::string& label,
                             const std::vector<std::string>& values)
  : all_{make_counters(name, help, label, values)}, other_{name, help, {{label, "other"}}} {}

const counter& counter_group::operator[](const std::string& value) const {
  auto found = all_.find(value);
  return found == all_.end() ? other_ : found->second;
}

scrape_hook::scrape_hook(std::function<void()> refresh) {
  auto& list = hooks();
  std::lock_guard guard{list.mutex};
  number_ = ++list.last;
  list.all.emplace(number_, std::move(refresh));
}

scrape_hook::~scrape_hook() {
  auto& list = hooks();
  std::lock_guard guard{list.mutex};
  list.all.erase(number_);
}

std::string metrics_text() {
  {
    auto& list = hooks();
    std::lock_guard guard{list.mutex};
    for (auto& [number, refresh] : list.all)
      refresh();
  }
  return prometheus::TextSerializer{}.Serialize(registry().Collect());
}

} // namespace varia
