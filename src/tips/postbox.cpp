#include "tips/postbox.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>
#include <tuple>
#include <vector>

#include "base/bytes.hpp"
#include "log/note.hpp"
#include "log/tip_roll.hpp"

namespace landglass::tips {
namespace {

using base::Bytes;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;

constexpr std::size_t k_most = 4'096;  // letters held
// Each hour up to so many fewer, drawn: who fills the box to count what others put in learns it to within this many.
constexpr std::size_t k_margin = 512;
constexpr std::int64_t k_missed = 24;             // rolls given late after a standstill, so that none of them shows a tip
constexpr std::size_t k_least_bytes = 128 << 10;  // of the file; twice as much, and twice that, where more is held
constexpr std::string_view k_roll_name = "tip-roll/";
constexpr std::string_view k_bound = "landglass/tip-box/1";

std::string hour_text(base::Time time) {
  const auto iso = base::format_utc(time);  // 2026-11-27T15:00:00.000Z
  return iso.substr(0, 4) + iso.substr(5, 2) + iso.substr(8, 2) + "-" + iso.substr(11, 2) + iso.substr(14, 2);
}

// What a record was made of: its signature is over the document that came, and nobody gives another later.
bool is_of(const institution::Record& record, const Letter& letter) {
  return !record.fields.text("sig").empty() && record.fields.text("sig") == letter.fields.text("sig");
}

base::Refusal another(const Letter& letter) {
  return base::refuse("TP-35", "这十二个词已收存过另一份举报；请凭词回来查看",
                      "these words keep another document already: come back with them", letter.id);
}

// nonce ‖ XChaCha20-Poly1305 of the text filled with spaces to a size that says only roughly how much is held.
Bytes sealed(std::string text, const std::array<std::uint8_t, 32>& key) {
  std::size_t size = k_least_bytes;
  while (size < text.size()) size *= 2;
  text.resize(size, ' ');
  Bytes out(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES + size + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  randombytes_buf(out.data(), crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  const auto bound = base::as_bytes(k_bound);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, nullptr,
                                             base::as_bytes(text).data(), text.size(), bound.data(), bound.size(), nullptr,
                                             out.data(), key.data());
  return out;
}

Result<std::string> opened(const Bytes& bytes, const std::array<std::uint8_t, 32>& key) {
  constexpr std::size_t k_head = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
  const auto damaged =
      base::refuse("TP-30", "举报暂存文件已损坏或密钥不符", "the box of tips is damaged, or the key is another");
  if (bytes.size() < k_head + crypto_aead_xchacha20poly1305_ietf_ABYTES) return damaged;
  std::string text(bytes.size() - k_head - crypto_aead_xchacha20poly1305_ietf_ABYTES, ' ');
  const auto bound = base::as_bytes(k_bound);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<std::uint8_t*>(text.data()), nullptr, nullptr,
                                                 bytes.data() + k_head, bytes.size() - k_head, bound.data(), bound.size(),
                                                 bytes.data(), key.data()) != 0)
    return damaged;
  return text;
}

// The whole of it under its name, or what was there before.
Status write_whole(const std::string& path, const Bytes& bytes) {
  const auto part = path + ".part";
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return base::fail("the box of tips cannot be written: " + part, true);
  std::size_t at = 0;
  bool well = true;
  while (well && at < bytes.size()) {
    const auto count = ::write(file, bytes.data() + at, bytes.size() - at);
    well = count > 0;
    if (well) at += static_cast<std::size_t>(count);
  }
  well = well && ::fsync(file) == 0;
  well = ::close(file) == 0 && well;
  if (!well || ::rename(part.c_str(), path.c_str()) != 0)
    return base::fail("the box of tips cannot be written: " + path, true);
  const int folder = ::open(std::filesystem::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return base::fail("the folder of the box of tips cannot be opened", true);
  const bool kept = ::fsync(folder) == 0;
  ::close(folder);
  return kept ? Status(base::Done{}) : Status(base::fail("the box of tips was not kept", true));
}

// A letter that is on disk.
struct Held {
  Letter letter;
  base::Date day;         // it came; by it a key's revocation is judged
  std::int64_t hour = 0;  // promised, in rolls since 1970
  // In the roll that it was drawn into. Written before that roll is given out, so that a crash in between loses no proof.
  std::string roll;
  std::int64_t index = 0;
  std::string proof;
  std::int64_t refused = 0;  // the hour in which a rule last refused it; it is tried again in the next one
};

class Box final : public Postbox {
 public:
  Box(PostboxOptions options, engine::Engine& engine, base::Clock& clock, base::Random& random)
      : options_(std::move(options)), engine_(engine), clock_(clock), random_(random) {
    const auto now = clock_.now().ms;
    beat_ = now / options_.beat_ms;
    given_ = now / options_.roll_ms;
  }
  ~Box() override { stop(); }

  Status read() {
    std::ifstream in(options_.file, std::ios::binary);
    if (!in) return base::Done{};  // the first start
    const Bytes bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    LG_TRY(const auto text, opened(bytes, options_.key));
    LG_TRY(const auto json, base::parse_json(text));
    if (const auto* given = json.at("given").if_int()) given_ = *given;
    const auto* rows = json.at("letters").if_array();
    if (rows == nullptr) return base::refuse("TP-30", "举报暂存文件格式不符", "the box of tips has another format");
    for (const auto& row : *rows) {
      const auto* fields = row.at("fields").if_object();
      const auto day = base::parse_date(row.text("day"));
      const auto* hour = row.at("hour").if_int();
      if (fields == nullptr || !day || hour == nullptr)
        return base::refuse("TP-30", "举报暂存文件格式不符", "the box of tips has another format");
      Held one{{std::string(row.text("id")), std::string(row.text("institution")), *fields}, *day, *hour, {}, 0, {}, 0};
      if (const auto* index = row.at("index").if_int()) one.index = *index;
      one.roll = row.text("roll");
      one.proof = row.text("proof");
      held_.push_back(std::move(one));
    }
    return base::Done{};
  }

  void put(Letter letter, Kept kept) override {
    std::optional<Result<std::string>> before;
    {
      const std::scoped_lock lock(mutex_);
      before = hour_held(letter, held_);
    }
    if (!before) before = hour_entered(letter);
    if (!*before) return kept(before->trouble());
    const std::scoped_lock lock(mutex_);
    if (held_.size() + arrived_.size() >= most_) return kept(base::fail("the box of tips is full", true));
    arrived_.push_back({std::move(letter), std::move(kept)});
  }

  std::string held(std::string_view id) override {
    const std::scoped_lock lock(mutex_);
    for (const auto& one : held_) {
      if (one.letter.id == id) return name_of(one.hour);
    }
    return {};
  }

  // An hour is a whole number of beats. The roll comes first: what comes with this beat is promised for the next one. Where
  // it cannot be given now, the beat goes on all the same, and the roll is tried again with the next. Entering comes last,
  // so that the time of the file does not grow with what is entered.
  Status turn() override {
    const auto now = clock_.now();
    if (now.ms / options_.beat_ms == beat_) return base::Done{};
    beat_ = now.ms / options_.beat_ms;
    const auto given = give_out_until(now.ms / options_.roll_ms);
    const auto kept = beat(now);
    enter(now.ms / options_.roll_ms);
    return given ? kept : given;
  }

  void run() override {
    thread_ = std::thread([this] {
      std::unique_lock lock(wait_mutex_);
      while (!stopping_) {
        wake_.wait_for(lock, std::chrono::milliseconds(100));
        if (stopping_) break;
        lock.unlock();
        // What could not be done now is tried with the next beat: senders go on waiting, what is held stays held. Nothing
        // is said of it here, for a line in a log has a time.
        (void)static_cast<bool>(turn());
        lock.lock();
      }
    });
  }

  void stop() override {
    {
      const std::scoped_lock lock(wait_mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
    std::vector<Arrived> left;
    {
      const std::scoped_lock lock(mutex_);
      left.swap(arrived_);
    }
    for (auto& one : left) one.kept(base::fail("the platform is closing", true));
  }

 private:
  struct Arrived {
    Letter letter;
    Kept kept;
  };

  static engine::Command command_of(const Letter& letter) {
    engine::Command command;
    command.id = letter.id;
    command.institution = letter.institution;
    command.actor = "system";
    command.fields = letter.fields;
    return command;
  }

  // The hour for which the log gives its word on this letter. The word is never given on another document than the one that
  // is kept. Nothing: nothing is held under these words.
  std::optional<Result<std::string>> hour_held(const Letter& letter, const std::vector<Held>& held) const {
    for (const auto& one : held) {
      if (letter.institution == "tip-message" && letter.fields.text("tip") == "tip/" + one.letter.id)
        return base::refuse("TP-31", "举报在整点入库后才能补充", "a tip is entered at the full hour: add to it after that",
                            name_of(one.hour));
      if (one.letter.id != letter.id) continue;
      if (one.letter.institution != letter.institution || !(one.letter.fields == letter.fields)) return another(letter);
      return name_of(one.hour);
    }
    return std::nullopt;
  }

  // The same, of what was entered before; empty where it is new and would be taken.
  Result<std::string> hour_entered(const Letter& letter) {
    Result<std::string> hour = std::string();
    engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
      const auto found = cache.find(letter.institution + "/" + letter.id);
      if (!found) {
        hour = found.trouble();
      } else if (*found == nullptr) {
        const auto decided = registry.decide(command_of(letter), clock_.now());
        if (!decided) hour = decided.trouble();
      } else {
        const auto& fields = (*found)->fields;
        const auto roll = fields.text("roll");
        const bool same = fields.text("document") == letter.fields.text("document") && is_of(**found, letter);
        if (same && roll.starts_with(k_roll_name))
          hour = std::string(roll.substr(k_roll_name.size()));
        else
          hour = another(letter);
      }
    });
    return hour;
  }

  std::string name_of(std::int64_t hour) const { return hour_text(base::Time{hour * options_.roll_ms}); }

  // The next hour whose roll has room.
  std::int64_t hour_after(base::Time now, const std::vector<Held>& held) const {
    for (auto hour = std::max(now.ms / options_.roll_ms, given_) + 1;; ++hour) {
      const auto there = std::count_if(held.begin(), held.end(), [&](const Held& one) { return one.hour == hour; });
      if (there < static_cast<std::ptrdiff_t>(log::k_roll_size)) return hour;
    }
  }

  // Always written, always whole: the time of the file is the beat's, whatever came. What came is judged once more, after
  // what came before it: of two documents under the same words the second is refused.
  Status beat(base::Time now) {
    std::vector<Arrived> arrived;
    std::vector<Held> all;
    {
      const std::scoped_lock lock(mutex_);
      arrived.swap(arrived_);
      all = held_;
    }
    std::vector<Result<std::string>> hours;
    for (auto& one : arrived) {
      const auto before = hour_held(one.letter, all);
      hours.push_back(before ? *before : hour_entered(one.letter));
      if (!hours.back() || !hours.back()->empty()) continue;
      const auto hour = hour_after(now, all);
      hours.back() = name_of(hour);
      all.push_back({one.letter, base::date_of(now), hour, {}, 0, {}, 0});
    }
    if (auto written = write(all); !written) {
      for (auto& one : arrived) one.kept(written.trouble());
      return written;
    }
    {
      const std::scoped_lock lock(mutex_);
      held_ = std::move(all);
    }
    for (std::size_t i = 0; i < arrived.size(); ++i) {
      if (hours[i])
        arrived[i].kept(promise(arrived[i].letter, *hours[i]));
      else
        arrived[i].kept(hours[i].trouble());
    }
    return base::Done{};
  }

  Status write(const std::vector<Held>& held) const {
    JsonArray rows;
    for (const auto& one : held) {
      JsonObject row{{"id", one.letter.id},
                     {"institution", one.letter.institution},
                     {"fields", one.letter.fields},
                     {"day", base::format_date(one.day)},
                     {"hour", one.hour}};
      if (!one.roll.empty()) {
        row["roll"] = one.roll;
        row["index"] = one.index;
        row["proof"] = one.proof;
      }
      rows.push_back(std::move(row));
    }
    const JsonObject box{{"given", given_}, {"letters", std::move(rows)}};
    return write_whole(options_.file, sealed(base::canonical(Json(box)), options_.key));
  }

  Promise promise(const Letter& letter, const std::string& hour) {
    const auto text = "landglass/tip-promise/1\n" + engine_.options().origin + "\n" +
                      base::to_hex(log::roll_entry(letter.fields.text("document"))) + "\n" + hour + "\n";
    return {hour, log::Note{text, {engine_.sign(text)}}.format()};
  }

  std::size_t drawn_most() {
    std::array<std::uint8_t, 2> drawn{};
    random_.fill(drawn.data(), drawn.size());
    return k_most - (drawn[0] * 256U + drawn[1]) % k_margin;
  }

  // The rolls that are due, each tips or none. What stood still for longer misses the rolls in between.
  Status give_out_until(std::int64_t hour) {
    const auto first = given_ + 1;
    while (given_ < hour) {
      const auto next = given_ + 1 < first + k_missed ? given_ + 1 : hour;
      LG_CHECK(give_out(next));
      given_ = next;
      const auto most = drawn_most();
      const std::scoped_lock lock(mutex_);
      most_ = most;
    }
    return base::Done{};
  }

  // One hour's roll, of what is promised for it. Given out already, before a crash, is it entered as it was drawn then.
  Status give_out(std::int64_t hour) {
    const auto name = name_of(hour);
    LG_TRY(const auto before, root_of(name));
    auto all = held_;
    std::vector<Held*> drawn;
    for (auto& one : all) {
      if (before && one.roll == name && !is_in(one, *before)) one.roll.clear();
      const bool waits = one.roll.empty() || one.roll == name;
      if (!before && waits && one.hour <= hour && drawn.size() < log::k_roll_size) drawn.push_back(&one);
    }
    if (!before) {
      std::vector<base::Hash> entries;
      for (const auto* one : drawn) entries.push_back(log::roll_entry(one->letter.fields.text("document")));
      const auto roll = log::make_roll(entries, random_);
      for (std::size_t i = 0; i < drawn.size(); ++i) {
        drawn[i]->roll = name;
        drawn[i]->index = static_cast<std::int64_t>(roll.places[i].index);
        drawn[i]->proof.clear();
        for (const auto& hash : roll.places[i].proof)
          drawn[i]->proof += (drawn[i]->proof.empty() ? "" : " ") + base::to_base64url(hash);
      }
      LG_CHECK(write(all));
      engine::Command command;
      const auto id = random_.bytes32();
      command.id = base::to_hex(base::BytesView(id).subspan(0, 16));
      command.institution = "tip-roll";
      command.actor = "system";
      command.fields = {{"hour", name}, {"root", base::to_hex(roll.root)}};
      const auto given = engine_.call(std::move(command));
      if (!given && !by_a_rule(given.trouble())) return given.trouble();
      // Nobody takes tips now (TR-01): what is held goes into a later one.
      for (auto* one : drawn) {
        if (!given) one->roll.clear();
      }
    }
    const std::scoped_lock lock(mutex_);
    held_ = std::move(all);
    return base::Done{};
  }

  Result<std::optional<base::Hash>> root_of(const std::string& hour) {
    Result<std::optional<base::Hash>> root = std::optional<base::Hash>();
    engine_.inspect([&](institution::Registry&, engine::Cache& cache) {
      const auto found = cache.find(std::string(k_roll_name) + hour);
      if (!found) root = found.trouble();
      if (!found || *found == nullptr) return;
      base::Hash hash{};
      const auto bytes = base::from_hex((*found)->fields.text("root"));
      if (bytes && bytes->size() == hash.size()) std::copy(bytes->begin(), bytes->end(), hash.begin());
      root = std::optional(hash);
    });
    return root;
  }

  static bool is_in(const Held& one, const base::Hash& root) {
    log::RollPlace place{static_cast<std::uint64_t>(one.index), {}};
    for (std::string_view rest = one.proof; !rest.empty();) {
      base::Hash hash{};
      const auto bytes = base::from_base64url(rest.substr(0, rest.find(' ')));
      if (!bytes || bytes->size() != hash.size()) return false;
      std::copy(bytes->begin(), bytes->end(), hash.begin());
      place.proof.push_back(hash);
      rest.remove_prefix(std::min(rest.size(), rest.find(' ') == std::string_view::npos ? rest.size() : rest.find(' ') + 1));
    }
    return log::in_roll(one.letter.fields.text("document"), place, root);
  }

  // A rule says no, and not the house, which writes nothing just now (LOG-).
  static bool by_a_rule(const base::Trouble& trouble) {
    const auto* refusal = std::get_if<base::Refusal>(&trouble);
    return refusal != nullptr && !refusal->code.starts_with("LOG-");
  }

  // What was drawn goes into the sealed tree. It is forgotten once it is there and for no other reason: what a rule refuses
  // because something changed since it came is tried again each hour, all else with the next beat.
  void enter(std::int64_t hour) {
    std::vector<Held*> order;  // held_ is changed by this thread alone
    for (auto& one : held_) {
      if (!one.roll.empty() && one.roll <= name_of(given_) && one.refused != hour) order.push_back(&one);
    }
    std::sort(order.begin(), order.end(),
              [](const Held* a, const Held* b) { return std::tie(a->roll, a->index) < std::tie(b->roll, b->index); });
    std::mutex mutex;
    std::condition_variable done;
    std::size_t waits = order.size();
    std::vector<std::optional<Result<engine::Answer>>> answers(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      auto entering = command_of(order[i]->letter);
      entering.fields[entering.institution == "tip" ? "received" : "on"] = base::format_date(order[i]->day);
      entering.fields["roll"] = std::string(k_roll_name) + order[i]->roll;
      entering.fields["roll_index"] = order[i]->index;
      entering.fields["roll_proof"] = order[i]->proof;
      engine_.submit(std::move(entering), [&, i](Result<engine::Answer> answer) {
        const std::scoped_lock lock(mutex);
        answers[i] = std::move(answer);
        --waits;
        done.notify_one();
      });
    }
    {
      std::unique_lock lock(mutex);
      done.wait(lock, [&] { return waits == 0; });
    }
    std::vector<std::string> entered;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const auto& answer = *answers[i];
      if (answer || (answer.refused() && answer.refusal().code == "ENG-03" && stands(order[i]->letter)))
        entered.push_back(order[i]->letter.id);
      else if (by_a_rule(answer.trouble()))
        order[i]->refused = hour;
    }
    const std::scoped_lock lock(mutex_);
    std::erase_if(
        held_, [&](const Held& one) { return std::find(entered.begin(), entered.end(), one.letter.id) != entered.end(); });
  }

  // Entered before, in another roll.
  bool stands(const Letter& letter) {
    bool well = false;
    engine_.inspect([&](institution::Registry&, engine::Cache& cache) {
      const auto found = cache.find(letter.institution + "/" + letter.id);
      well = found && *found != nullptr && is_of(**found, letter);
    });
    return well;
  }

  PostboxOptions options_;
  engine::Engine& engine_;
  base::Clock& clock_;
  base::Random& random_;
  std::int64_t beat_ = 0;   // what was done last
  std::int64_t given_ = 0;  // the roll that was given out last; in the file too
  std::mutex mutex_;
  std::vector<Held> held_;  // changed by the thread of turn() alone
  std::vector<Arrived> arrived_;
  std::size_t most_ = drawn_most();  // of this hour
  std::mutex wait_mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Postbox>> Postbox::open(PostboxOptions options, engine::Engine& engine, base::Clock& clock,
                                               base::Random& random) {
  if (sodium_init() < 0) return base::fail("libsodium does not start");
  auto box = std::make_unique<Box>(std::move(options), engine, clock, random);
  LG_CHECK(box->read());
  return std::unique_ptr<Postbox>(std::move(box));
}

}  // namespace landglass::tips
