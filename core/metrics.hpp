#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace prometheus {

class Counter;
class Gauge;
class Histogram;

} // namespace prometheus

namespace varia {

/// What tells the series of one metric apart. Names and values come from small, fixed sets: the
/// name of a variant, a connection or a script is none.
using metric_labels = std::map<std::string, std::string>;

/// A number that only grows. Like all metrics it belongs to the process: made again with the same
/// name and labels, it is the same one. Copies are cheap; all methods may be called from any
/// thread.
class counter {
public:
  counter(const char* name, const char* help, const metric_labels& labels = {});

  void add(double x = 1) const;

private:
  prometheus::Counter* it_;
};

/// A number that goes up and down.
class gauge {
public:
  gauge(const char* name, const char* help, const metric_labels& labels = {});

  void set(double x) const;
  void add(double x) const;

private:
  prometheus::Gauge* it_;
};

/// One of many that a gauge counts together: it counts from `set(true)` on, and no longer than it
/// lives. For one thread at a time.
class gauge_share {
public:
  explicit gauge_share(const gauge& of) : of_{of} {}
  ~gauge_share() { set(false); }

  gauge_share(const gauge_share&) = delete;
  gauge_share& operator=(const gauge_share&) = delete;

  void set(bool counts);

private:
  gauge of_;
  bool counts_ = false;
};

/// How often something took how long, in seconds.
class histogram {
public:
  histogram(const char* name, const char* help, const std::vector<double>& bounds,
            const metric_labels& labels = {});

  void observe(double seconds) const;

private:
  prometheus::Histogram* it_;
};

/// Returns a span in seconds, as metrics have it.
inline double seconds_of(std::chrono::milliseconds x) {
  return static_cast<double>(x.count()) / 1000;
}

/// Bounds for what takes from a tenth of a millisecond to some seconds, such as a call to Redis.
const std::vector<double>& short_spans();

/// Bounds for what takes from some milliseconds to a day, such as a run.
const std::vector<double>& long_spans();

/// A counter for each value of one label; values that are not among the known ones count for
/// "other".
class counter_group {
public:
  counter_group(const char* name, const char* help, const std::string& label,
                const std::vector<std::string>& values);

  const counter& operator[](const std::string& value) const;

private:
  std::map<std::string, counter> all_;
  counter other_;
};

/// As long as it lives, `refresh` is called before the metrics are read, so that gauges which cost
/// something to know need not be kept up to date. It must neither throw nor take long.
class scrape_hook {
public:
  explicit scrape_hook(std::function<void()> refresh);
  ~scrape_hook();

  scrape_hook(const scrape_hook&) = delete;
  scrape_hook& operator=(const scrape_hook&) = delete;

private:
  int number_;
};

/// The media type of what `metrics_text` returns.
inline constexpr auto metrics_media_type = "text/plain; version=0.0.4; charset=utf-8";

/// Returns all metrics of this process in the text format of Prometheus.
std::string metrics_text();

} // namespace varia
