#include "cli/lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "cli/input.hpp"
#include "law/locked.hpp"

namespace landglass::cli {
namespace {

using base::Result;

Result<law::OpenerKey> read_key(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0)
    return base::refuse("KEY-FILE", "没有此密钥文件", "no such key file; `landglass opener key` makes one", path);
  if ((about.st_mode & 077) != 0)
    return base::refuse("KEY-FILE", "密钥文件他人可读，应为 0600", "others may read the key file; it must be of mode 0600",
                        path);
  LG_TRY(auto text, read_input(path));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const auto secret = base::from_base64url(text);
  if (!secret || secret->size() != 32)
    return base::refuse("KEY-FILE", "不是开启人的密钥", "this is not the key of an opener", path);
  return law::OpenerKey::from_secret(*secret);
}

base::Status make_key(const std::string& path) {
  const auto key = law::OpenerKey::generate();
  const auto line = base::to_base64url(key.secret_key) + "\n";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return base::refuse("KEY-FILE", "密钥文件已存在或无法创建", "the key file stands or cannot be made", path);
  const bool written = ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(file) == 0;
  ::close(file);
  if (!written) return base::fail("the key could not be written to " + path);
  std::printf("%s\n", base::to_base64url(key.public_key).c_str());
  return base::Done{};
}

base::Status lock_value(const std::string& path, int k, const std::vector<std::string>& openers) {
  std::vector<base::Bytes> keys;
  for (const auto& one : openers) {
    auto key = base::from_base64url(one);
    if (!key) return base::refuse("LK-01", "开启人公钥无法读取", "the key of an opener does not read", one);
    keys.push_back(std::move(*key));
  }
  LG_TRY(const auto value, read_input(path));
  // A pipe whose first half failed gives nothing, and nothing is what the openers would find.
  if (value.empty()) return base::refuse("CLI-10", "没有内容可加密", "there is nothing to lock", path);
  LG_TRY(const auto doc, law::lock(base::as_bytes(value), k < 0 ? 0 : static_cast<std::size_t>(k), std::move(keys)));
  std::printf("%s\n", base::canonical(doc).c_str());
  return base::Done{};
}

base::Status open_value(const std::string& path, const std::string& key_file) {
  LG_TRY(const auto key, read_key(key_file));
  LG_TRY(const auto text, read_input(path));
  LG_TRY(const auto doc, base::parse_json(text));
  LG_TRY(const auto next, law::peel(doc, key));
  LG_TRY(const auto found, law::unlocked(next));
  if (!found) {
    std::printf("%s\n", base::canonical(next).c_str());
    std::fprintf(stderr, "尚须其余开启人 / the other openers go on from here\n");
    return base::Done{};
  }
  const base::Json opened(base::JsonObject{{"salt", base::to_hex(found->salt)},
                                           {"value", std::string(base::as_text(found->value))},
                                           {"commitment", law::lock_commitment(found->salt, found->value)}});
  std::printf("%s\n", base::canonical(opened).c_str());
  return base::Done{};
}

int ended(const base::Status& status) { return status ? k_done : tell(status.trouble()); }

}  // namespace

Command lock_command() {
  struct Options {
    std::string value = "-";
    int k = 2;
    std::vector<std::string> openers;
  };
  auto options = std::make_shared<Options>();
  Command command{"lock", {"加密给开启人", "lock a value to its openers"}, {}, {}, {}};
  command.option("value", &options->value, {"内容文件，- 为标准输入", "file of the value, - is standard input"})
      .option("--together", &options->k, {"须几人共同开启", "how many must open together"})
      .needs("--opener", &options->openers, {"开启人公钥，可重复", "public key of an opener; again and again"});
  command.run = [options] { return ended(lock_value(options->value, options->k, options->openers)); };
  return command;
}

Command open_command() {
  struct Options {
    std::string document = "-";
    std::string key;
  };
  auto options = std::make_shared<Options>();
  Command command{"open", {"以开启人密钥开启", "open with the key of an opener"}, {}, {}, {}};
  command.option("document", &options->document, {"加密文件，- 为标准输入", "locked document, - is standard input"})
      .needs("--key", &options->key, {"密钥文件", "file of the key"});
  command.run = [options] { return ended(open_value(options->document, options->key)); };
  return command;
}

Command opener_command() {
  auto path = std::make_shared<std::string>();
  Command key{"key", {"生成密钥并打印公钥", "make a key and print its public half"}, {}, {}, {}};
  key.needs("file", path.get(), {"新密钥文件", "new file of the key"});
  key.run = [path] { return ended(make_key(*path)); };
  Command command{"opener", {"开启人", "openers"}, {}, {}, {}};
  command.subcommands.push_back(std::move(key));
  return command;
}

}  // namespace landglass::cli
