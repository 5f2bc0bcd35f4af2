#include "law/tip_message.hpp"

#include <algorithm>

namespace landglass::law {
namespace {

constexpr std::size_t k_padded = 4'352;    // salt, length and value, filled up as docs/formats/locked.md says
constexpr std::size_t k_layer_bytes = 48;  // of a sealed box

}  // namespace

base::Result<base::Bytes> tip_value(std::string_view text) {
  auto bytes = base::to_bytes(
      base::canonical(base::Json(base::JsonObject{{"format", "landglass/tip-message/1"}, {"text", std::string(text)}})));
  if (bytes.size() > k_tip_message_bytes)
    return base::refuse("TP-10", "一封内容过长，请分几封写", "too long for one message: write several", "text");
  bytes.resize(k_tip_message_bytes, ' ');
  return bytes;
}

bool one_length(const base::Json& doc) {
  const auto* boxes = doc.at("boxes").if_array();
  return boxes != nullptr && std::all_of(boxes->begin(), boxes->end(), [](const base::Json& box) {
           const auto bytes = base::from_base64url(box.text("box"));
           const auto* left = box.at("left").if_array();
           return bytes && left != nullptr && bytes->size() == k_padded + k_layer_bytes * left->size();
         });
}

std::string tip_voice_bytes(std::string_view tip, std::string_view commitment) {
  return "landglass/tip-voice/1\n" + std::string(tip) + "\n" + std::string(commitment);
}

}  // namespace landglass::law
