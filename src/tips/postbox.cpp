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

constexpr std::size_t k_most = 4'096;             // letters held
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

class Box final : public Postbox {
 public:
  Box(PostboxOptions options, engine::Engine& engine, base::Clock& clock, base::Random& random)
      : options_(std::move(options)), engine_(engine), clock_(clock), random_(random) {
    const auto now = clock_.now().ms;
    beat_ = now / options_.beat_ms;
    roll_ = now / options_.roll_ms;
  }
  ~Box() override { stop(); }

  Status read() {
    std::ifstream in(options_.file, std::ios::binary);
    if (!in) return base::Done{};  // the first start
    const Bytes bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    LG_TRY(const auto text, opened(bytes, options_.key));
    LG_TRY(const auto json, base::parse_json(text));
    const auto* rows = json.if_array();
    for (std::size_t i = 0; rows != nullptr && i < rows->size(); ++i) {
      const auto& row = (*rows)[i];
      const auto* fields = row.at("fields").if_object();
      if (fields != nullptr) held_.push_back({std::string(row.text("id")), std::string(row.text("institution")), *fields});
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
    if (held_.size() + arrived_.size() >= k_most) return kept(base::fail("the box of tips is full", true));
    arrived_.push_back({std::move(letter), std::move(kept)});
  }

  std::string held(std::string_view id) override {
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < held_.size(); ++i) {
      if (held_[i].id == id) return hour_of(i);
    }
    return {};
  }

  Status turn() override {
    const auto now = clock_.now().ms;
    if (now / options_.beat_ms != beat_) {
      beat_ = now / options_.beat_ms;
      LG_CHECK(beat());
    }
    if (now / options_.roll_ms != roll_) {
      roll_ = now / options_.roll_ms;
      LG_CHECK(give_out(base::Time{roll_ * options_.roll_ms}));
    }
    return base::Done{};
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
  std::optional<Result<std::string>> hour_held(const Letter& letter, const std::vector<Letter>& held) const {
    for (std::size_t i = 0; i < held.size(); ++i) {
      if (letter.institution == "tip-message" && letter.fields.text("tip") == "tip/" + held[i].id)
        return base::refuse("TP-31", "举报在整点入库后才能补充", "a tip is entered at the full hour: add to it after that",
                            hour_of(i));
      if (held[i].id != letter.id) continue;
      if (held[i].institution != letter.institution || !(held[i].fields == letter.fields)) return another(letter);
      return hour_of(i);
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

  // Of the letter that stands at this place: a roll holds only so many.
  std::string hour_of(std::size_t place) const {
    const auto next = clock_.now().ms / options_.roll_ms + 1 + static_cast<std::int64_t>(place / log::k_roll_size);
    return hour_text(base::Time{next * options_.roll_ms});
  }

  // Always written, always whole: the time of the file is the beat's, whatever came. What came is judged once more, after
  // what came before it: of two documents under the same words the second is refused.
  Status beat() {
    std::vector<Arrived> arrived;
    std::vector<Letter> all;
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
      hours.back() = hour_of(all.size());
      all.push_back(one.letter);
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

  Status write(const std::vector<Letter>& letters) {
    JsonArray rows;
    for (const auto& one : letters)
      rows.push_back(JsonObject{{"id", one.id}, {"institution", one.institution}, {"fields", one.fields}});
    return write_whole(options_.file, sealed(base::canonical(Json(std::move(rows))), options_.key));
  }

  Promise promise(const Letter& letter, const std::string& hour) {
    const auto text = "landglass/tip-promise/1\n" + engine_.options().origin + "\n" +
                      base::to_hex(log::roll_entry(letter.fields.text("document"))) + "\n" + hour + "\n";
    return {hour, log::Note{text, {engine_.sign(text)}}.format()};
  }

  // The hour's roll, tips or none; then the tips themselves. Refused is it where nobody takes tips yet.
  Status give_out(base::Time hour) {
    std::vector<Letter> letters;
    {
      const std::scoped_lock lock(mutex_);
      letters.assign(held_.begin(),
                     held_.begin() + static_cast<std::ptrdiff_t>(std::min(held_.size(), std::size_t{log::k_roll_size})));
    }
    std::vector<base::Hash> entries;
    for (const auto& one : letters) entries.push_back(log::roll_entry(one.fields.text("document")));
    const auto roll = log::make_roll(entries, random_);
    engine::Command command;
    const auto id = random_.bytes32();
    command.id = base::to_hex(base::BytesView(id).subspan(0, 16));
    command.institution = "tip-roll";
    command.actor = "system";
    command.fields = {{"hour", hour_text(hour)}, {"root", base::to_hex(roll.root)}};
    const auto given = engine_.call(std::move(command));
    if (!given) {
      // Given out already, before a restart: what is still held goes into the next one.
      if (given.refused()) return base::Done{};
      return given.trouble();
    }
    std::vector<std::size_t> order(letters.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return roll.places[a].index < roll.places[b].index; });
    std::mutex mutex;
    std::condition_variable done;
    std::size_t waits = letters.size();
    std::vector<std::string> entered;
    for (const auto i : order) {
      auto entering = command_of(letters[i]);
      std::string proof;
      for (const auto& hash : roll.places[i].proof) proof += (proof.empty() ? "" : " ") + base::to_base64url(hash);
      entering.fields["roll"] = given->record;
      entering.fields["roll_index"] = static_cast<std::int64_t>(roll.places[i].index);
      entering.fields["roll_proof"] = std::move(proof);
      engine_.submit(std::move(entering), [&, i](Result<engine::Answer> answer) {
        const std::scoped_lock lock(mutex);
        // Refused: it was entered before a restart (ENG-03), or what it was decided on when it came has changed since. The
        // sender sees that it is not there, and holds the promise.
        if (answer || answer.refused()) entered.push_back(letters[i].id);
        --waits;
        done.notify_one();
      });
    }
    {
      std::unique_lock lock(mutex);
      done.wait(lock, [&] { return waits == 0; });
    }
    const std::scoped_lock lock(mutex_);
    std::erase_if(held_,
                  [&](const Letter& one) { return std::find(entered.begin(), entered.end(), one.id) != entered.end(); });
    return write(held_);
  }

  PostboxOptions options_;
  engine::Engine& engine_;
  base::Clock& clock_;
  base::Random& random_;
  std::int64_t beat_ = 0;  // what was done last
  std::int64_t roll_ = 0;
  std::mutex mutex_;
  std::vector<Letter> held_;
  std::vector<Arrived> arrived_;
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
