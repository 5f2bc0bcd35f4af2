// Witnessing, both sides: any body gets an answer, and no answer is believed without a signature.
// Links: log
#include <cstdint>
#include <string_view>

#include "log/witness.hpp"

using namespace landglass;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto request = log::parse_add_checkpoint(text)) LG_ASSERT(request->format() == text, "a request has one form");
  static const log::Signer log_key("o", log::KeyKind::log, {1});
  log::WitnessMemory memory;
  log::Witness witness(log::Signer("w", log::KeyKind::witness, {2}), {log_key.verifier()}, memory);
  const auto answer = witness.add_checkpoint(text, {1'000});
  LG_ASSERT(answer.status >= 200 && answer.status < 500, "a request cannot make the witness fail");
  LG_ASSERT((answer.status == 200) == bool(*memory.last("o")), "it cosigns what it keeps and nothing else");

  const log::AddCheckpoint sent{0, {}, {}};
  const log::SignedCheckpoint head{{"o", 0, log::empty_root(), {}}, {"o\n0\n", {}}};
  const auto reply = log::read_answer({200, "", std::string(text)}, sent, head, witness.verifier());
  LG_ASSERT(reply.said != log::WitnessSaid::cosigned, "no bytes of a fuzzer are a signature");
  (void)log::read_answer({409, "", std::string(text)}, sent, head, witness.verifier());
  return 0;
}
