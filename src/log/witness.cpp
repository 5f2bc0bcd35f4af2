#include "log/witness.hpp"

#include <algorithm>

namespace landglass::log {
namespace {

base::Refusal not_a_request(std::string where) {
  return base::refuse("WIT-01", "不是 add-checkpoint 请求", "this is not an add-checkpoint request", std::move(where));
}

WitnessAnswer say(int status, std::string why) { return {status, "text/plain; charset=utf-8", std::move(why) + "\n"}; }
WitnessAnswer say_size(std::uint64_t size) { return {409, std::string(k_size_content_type), std::to_string(size) + "\n"}; }

}  // namespace

std::string origin_folder(std::string_view origin) { return base::to_hex(base::sha256(base::as_bytes(origin))); }

std::string AddCheckpoint::format() const {
  return "old " + std::to_string(old_size) + "\n" + proof_lines(proof) + "\n" + checkpoint;
}

base::Result<AddCheckpoint> parse_add_checkpoint(std::string_view body) {
  AddCheckpoint request;
  const auto end = body.find('\n');
  const auto old =
      end != std::string_view::npos && body.starts_with("old ") ? parse_decimal(body.substr(4, end - 4)) : std::nullopt;
  if (!old) return not_a_request("old size");
  request.old_size = *old;
  // From the newline that ends the size on, so that a request without proof reads like any other.
  body.remove_prefix(end);
  const auto blank = body.find("\n\n");
  if (blank == std::string_view::npos) return not_a_request("no checkpoint");
  auto proof = parse_proof_lines(body.substr(1, blank));
  if (!proof || proof->size() > 63) return not_a_request("proof");
  request.proof = std::move(*proof);
  request.checkpoint = body.substr(blank + 2);
  return request;
}

base::Result<std::optional<Seen>> WitnessMemory::last(std::string_view origin) {
  const std::scoped_lock lock(mutex_);
  const auto found = seen_.find(origin);
  return found == seen_.end() ? std::nullopt : std::optional(found->second);
}

base::Result<bool> WitnessMemory::advance(std::string_view origin, std::uint64_t old_size, const Seen& next) {
  const std::scoped_lock lock(mutex_);
  const auto found = seen_.find(origin);
  if ((found == seen_.end() ? 0 : found->second.size) != old_size) return false;
  seen_.insert_or_assign(std::string(origin), next);
  return true;
}

Witness::Witness(Signer signer, std::vector<VerifierKey> logs, WitnessState& state)
    : signer_(std::move(signer)), logs_(std::move(logs)), state_(state) {
  LG_ASSERT(signer_.verifier().kind == KeyKind::witness, "a witness signs with a key of kind 4");
}

WitnessAnswer Witness::add_checkpoint(std::string_view body, base::Time now) {
  const auto request = parse_add_checkpoint(body);
  if (!request) return say(400, base::explain(request.trouble()));
  auto checkpoint = parse_checkpoint(request->checkpoint);
  if (!checkpoint) return say(400, base::explain(checkpoint.trouble()));
  const auto& head = checkpoint->head;
  const auto ours = [&head](const VerifierKey& key) { return key.name == head.origin; };
  if (std::none_of(logs_.begin(), logs_.end(), ours)) return say(404, "unknown origin");
  const bool signed_by_log = std::any_of(logs_.begin(), logs_.end(), [&](const auto& key) {
    return ours(key) && find_valid(checkpoint->note, key) != nullptr;
  });
  if (!signed_by_log) return say(403, "no signature of a known key");
  if (request->old_size > head.size) return say(400, "old size past the checkpoint's");

  const auto held = state_.last(head.origin);
  if (!held) return say(503, base::explain(held.trouble()));
  const auto last = held->value_or(Seen{0, empty_root(), {}});
  if (request->old_size != last.size) return say_size(last.size);
  if (head.size == last.size && head.root != last.root) return say_size(last.size);
  const bool consistent = last.size == 0 ? request->proof.empty()
                                         : verify_consistency(last.size, head.size, request->proof, last.root, head.root);
  if (!consistent) return say(422, "the consistency proof does not verify");

  const auto signature = signer_.cosign(checkpoint->note.text, now);
  checkpoint->note.signatures.push_back(signature);
  const auto kept = state_.advance(head.origin, last.size, {head.size, head.root, checkpoint->format()});
  if (!kept) return say(503, base::explain(kept.trouble()));
  if (!*kept) {  // another request came first
    const auto newer = state_.last(head.origin);
    return newer && *newer ? say_size((*newer)->size) : say(503, "the state of the witness is not to be read");
  }
  return {200, "text/plain; charset=utf-8", signature.line()};
}

base::Result<std::optional<std::string>> Witness::checkpoint_of(std::string_view origin_hash) {
  for (const auto& log : logs_) {
    if (origin_folder(log.name) != origin_hash) continue;
    LG_TRY(auto seen, state_.last(log.name));
    if (seen) return std::optional(std::move(seen->checkpoint));
  }
  return std::optional<std::string>();
}

WitnessReply read_answer(const WitnessAnswer& answer, const AddCheckpoint& request, const SignedCheckpoint& sent,
                         const VerifierKey& witness) {
  WitnessReply reply;
  reply.why = "HTTP " + std::to_string(answer.status) + ": " +
              answer.body.substr(0, std::min<std::size_t>(answer.body.find('\n'), 200));
  if (answer.status == 200) {
    const auto lines = parse_signature_lines(answer.body);
    if (!lines) return reply;
    for (const auto& line : *lines) {
      if (!verify_signature(witness, sent.note.text, line)) continue;
      reply.said = WitnessSaid::cosigned;
      reply.signature = line;
    }
  } else if (answer.status == 409) {
    auto text = std::string_view(answer.body);
    if (text.ends_with('\n')) text.remove_suffix(1);
    const auto size = parse_decimal(text);
    if (!size) return reply;
    reply.size = *size;
    // The size was the right one, so what differs is the root.
    reply.said = *size == request.old_size && *size == sent.head.size ? WitnessSaid::fork : WitnessSaid::at_size;
  } else if (answer.status == 422) {
    reply.said = WitnessSaid::fork;
  } else if (answer.status >= 400 && answer.status < 500 && answer.status != 408 && answer.status != 429) {
    reply.said = WitnessSaid::refused;
  }
  return reply;
}

base::Status check_history(std::uint64_t own_size, const std::vector<WitnessView>& views,
                           const std::function<base::Result<Hash>(std::uint64_t)>& root_of) {
  for (const auto& view : views) {
    if (view.size > own_size) {
      return base::refuse("LOG-01", "已有人见过更长的日志：本机所存是旧副本，拒绝写入",
                          "more of this log has been seen than is held here: this is an old copy, and it will not write",
                          view.name + ": " + std::to_string(view.size) + " > " + std::to_string(own_size));
    }
    if (!view.root) continue;
    LG_TRY(const auto root, root_of(view.size));
    if (root != *view.root) {
      return base::refuse("LOG-02", "已有人见过的是另一份历史，拒绝写入",
                          "another history of this log has been seen; it will not write",
                          view.name + " at " + std::to_string(view.size));
    }
  }
  return base::Done{};
}

}  // namespace landglass::log
