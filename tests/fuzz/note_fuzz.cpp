// Notes, checkpoints, proofs, keys, policies, tile names, bundles: one form each.
// Links: log
#include <cstdint>
#include <string_view>

#include "log/checkpoint.hpp"
#include "log/policy.hpp"
#include "log/tiles.hpp"

using namespace landglass;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto note = log::parse_note(text)) {
    LG_ASSERT(note->format() == text, "a note has one form");
    if (const auto checkpoint = log::parse_checkpoint(text)) {
      LG_ASSERT(checkpoint->head.text() == note->text, "a checkpoint has one form");
    }
  }
  if (const auto proof = log::parse_tlog_proof(text)) LG_ASSERT(proof->format() == text, "a proof has one form");
  if (const auto key = log::VerifierKey::parse(text)) LG_ASSERT(key->text() == text, "a key has one form");
  if (const auto name = log::parse_tile_path(text)) LG_ASSERT(log::tile_path(*name) == text, "a tile has one name");
  if (const auto entries = log::split_bundle(text)) {
    std::string bundle;
    for (const auto entry : *entries) log::append_entry(bundle, entry);
    LG_ASSERT(bundle == text, "a bundle has one form");
  }
  (void)log::Signer::parse(text);
  (void)log::Policy::parse(text);
  return 0;
}
