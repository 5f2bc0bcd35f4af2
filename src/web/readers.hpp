#pragma once
// Read connections that are kept: to open one, confine it and prepare its first statement costs more than the read. Each
// query is a transaction of its own, so a kept connection sees what was committed last like a new one. Any thread may take
// one; the pool outlives what was taken.
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "store/store.hpp"

namespace landglass::web {

class Readers {
 public:
  struct Back {
    Readers* pool;
    store::Sight sight;
    void operator()(store::Reader* reader) const { pool->keep(sight, std::unique_ptr<store::Reader>(reader)); }
  };
  using Lease = std::unique_ptr<store::Reader, Back>;

  explicit Readers(store::Store& store) : store_(store) {}
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;
  ~Readers() = default;

  Lease take(store::Sight sight) {
    {
      const std::lock_guard lock(mutex_);
      auto& idle = idle_[sight];
      if (!idle.empty()) {
        auto one = std::move(idle.back());
        idle.pop_back();
        return Lease(one.release(), Back{this, sight});
      }
    }
    auto made = store_.reader(sight);
    LG_ASSERT(made, "no reader");
    return Lease(made->release(), Back{this, sight});
  }

 private:
  static constexpr std::size_t k_idle = 8;  // of each sight: more than there are workers

  void keep(store::Sight sight, std::unique_ptr<store::Reader> reader) {
    const std::lock_guard lock(mutex_);
    auto& idle = idle_[sight];
    if (idle.size() < k_idle) idle.push_back(std::move(reader));
  }

  store::Store& store_;
  std::mutex mutex_;
  std::map<store::Sight, std::vector<std::unique_ptr<store::Reader>>> idle_;
};

}  // namespace landglass::web
