#include "web/known_keys.hpp"

#include <utility>

namespace landglass::web {

bool KnownKeys::verify(base::BytesView point, base::BytesView message, base::BytesView signature) {
  const std::string name(base::as_text(point));
  std::shared_ptr<Known> known;
  std::shared_ptr<const base::P256Table> table;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = keys_.find(name); found != keys_.end()) {
      known = found->second;
      known->last = ++clock_;
      table = known->table;
    }
  }
  if (!known) {
    auto parsed = base::P256PublicKey::parse(point);
    if (!parsed || !parsed->verify(message, signature)) return false;
    const std::scoped_lock lock(mutex_);
    if (keys_.size() >= bounds_.keys) {
      keys_.clear();
      tables_ = 0;
    }
    keys_.emplace(name, std::make_shared<Known>(*std::move(parsed)));
    return true;
  }
  // The table only ever says yes; no is the library's word.
  if (table && table->fits(base::sha256(message), signature)) return true;
  if (!known->key.verify(message, signature)) return false;
  if (!table) count(name, *known);
  return true;
}

// The one use that is due makes the table, on its own thread, while nobody else waits for it.
void KnownKeys::count(const std::string& name, Known& known) {
  {
    const std::scoped_lock lock(mutex_);
    if (++known.uses != bounds_.uses) return;
  }
  auto table = std::make_shared<const base::P256Table>(base::as_bytes(name));
  const std::scoped_lock lock(mutex_);
  const auto kept = keys_.find(name);
  if (kept == keys_.end() || kept->second.get() != &known) return;
  known.table = std::move(table);
  if (++tables_ <= bounds_.tables) return;
  Known* oldest = nullptr;
  for (const auto& [point, one] : keys_)
    if (one->table && (oldest == nullptr || one->last < oldest->last)) oldest = one.get();
  oldest->table.reset();
  oldest->uses = 0;
  --tables_;
}

std::size_t KnownKeys::size() const {
  const std::scoped_lock lock(mutex_);
  return keys_.size();
}

std::size_t KnownKeys::tables() const {
  const std::scoped_lock lock(mutex_);
  return tables_;
}

}  // namespace landglass::web
