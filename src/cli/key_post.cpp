#include "cli/key_post.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "base/crypto.hpp"
#include "cli/input.hpp"
#include "log/act.hpp"

namespace landglass::cli {
namespace {

struct PostOptions {
  std::string file;
  std::string statement;
};

int make(const PostOptions& options) {
  const auto key = base::P256Key::generate();
  const auto hex = base::to_hex(key.scalar()) + "\n";
  const int file = ::open(options.file.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (file < 0) return tell(base::fail("a file of this name stands, or none can be made: " + options.file));
  const bool written = ::write(file, hex.data(), hex.size()) == static_cast<ssize_t>(hex.size()) && ::fsync(file) == 0;
  if (::close(file) != 0 || !written) return tell(base::fail("the key could not be written: " + options.file));
  const auto point = key.public_key();
  std::printf("%s\n%s\n", base::to_base64url(point).c_str(), base::to_hex(base::sha256(point)).c_str());
  return k_done;
}

// Reads what POST /api/statements answered, or a bare statement, and prints what goes into `signed` of the command.
int sign(const PostOptions& options) {
  auto key = read_p256_key(options.file);
  if (!key) return tell(key.trouble());
  const auto text = read_input(options.statement);
  if (!text) return tell(text.trouble());
  auto json = base::parse_json(*text);
  if (!json) return tell(json.trouble());
  const bool answer = !json->at("statement").is_null();
  auto act = log::read_act(answer ? json->at("statement") : *json);
  if (!act) return tell(act.trouble());
  base::JsonObject out{{"bytes", base::to_base64url(key->sign(base::as_bytes(log::message_of(*act))))},
                       {"key", base::to_base64url(key->public_key())},
                       {"statement", log::to_json(*act)}};
  if (const auto* salts = answer ? json->at("salts").if_object() : nullptr) out["salts"] = *salts;
  std::printf("%s\n", base::canonical(base::Json(std::move(out))).c_str());
  return k_done;
}

}  // namespace

Command key_post_command() {
  auto options = std::make_shared<PostOptions>();
  Command made{"make", {"生成密钥，显示公钥与指纹", "make a key; prints public key and fingerprint"}, {}, {}, {}};
  made.needs("--file", &options->file, {"私钥存入此新文件（0600）", "new file for the private key, mode 0600"});
  made.run = [options] { return make(*options); };
  Command signs{"sign", {"签署一项行为", "sign an act"}, {}, {}, {}};
  signs.needs("--file", &options->file, {"私钥文件", "file of the private key"})
      .needs("statement", &options->statement, {"待签内容，- 为标准输入", "what is to be signed; - reads stdin"});
  signs.run = [options] { return sign(*options); };
  return {"post", {"岗位密钥", "the key of a post"}, {}, {}, {std::move(made), std::move(signs)}};
}

}  // namespace landglass::cli
