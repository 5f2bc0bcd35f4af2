#include "cli/keys.hpp"

#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/key_post.hpp"
#include "store/cipher.hpp"
#include "store/folder.hpp"

namespace landglass::cli {
namespace {

namespace fs = std::filesystem;
using base::Json;
using base::JsonObject;
using base::Result;
using base::Status;

constexpr const char* k_names[] = {"log.key", "vault.key", "accounts.key"};

base::Text meaning(std::string_view name) {
  if (name == "log.key") return {"日志签名", "signs the log"};
  if (name == "vault.key") return {"加密保险库", "encrypts the vault"};
  return {"账户", "of the accounts"};
}

// A fingerprint tells two copies of a key apart without telling the key.
Result<std::string> fingerprint(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in && bytes.empty()) return base::fail("cannot read " + path);
  const auto hash = base::sha256(base::as_bytes("landglass/key-fingerprint/1\n" + bytes));
  return base::to_hex(hash).substr(0, 16);
}

std::string mode_of(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return {};
  char text[8];
  std::snprintf(text, sizeof text, "%04o", about.st_mode & 07777U);
  return text;
}

struct KeyOptions {
  HouseArguments house;
  bool json = false;
};

Status show(const HouseOptions& options, bool json) {
  JsonObject out;
  for (const auto* name : k_names) {
    const auto path = options.keys + "/" + name;
    if (!fs::exists(path)) {
      if (!json) std::printf("%-14s 无 / absent\n", name);
      out[name] = nullptr;
      continue;
    }
    LG_TRY(const auto print, fingerprint(path));
    out[name] = JsonObject{{"fingerprint", print}, {"mode", mode_of(path)}};
    if (!json)
      std::printf("%-14s %s  %s  %s / %s\n", name, print.c_str(), mode_of(path).c_str(), meaning(name).zh.c_str(),
                  meaning(name).en.c_str());
  }
  if (fs::exists(options.keys + "/log.key")) {
    base::SystemRandom random;
    auto house = options;
    if (const auto facts = store::look_at(options.folder); facts && !facts->origin.empty()) house.origin = facts->origin;
    LG_TRY(const auto signer, log_signer(house, random));
    out["verifier"] = signer.verifier().text();
    if (!json) std::printf("%s\n", signer.verifier().text().c_str());
    if (const auto facts = store::look_at(options.folder); facts && !facts->verifier_key.empty()) {
      const bool fits = facts->verifier_key == signer.verifier().text();
      out["fits"] = fits;
      if (!fits)
        return base::refuse("ENG-04", "日志密钥不是本日志的密钥", "the log key is not this log's", facts->verifier_key);
    }
  }
  if (json) std::printf("%s\n", base::canonical(Json(std::move(out))).c_str());
  return base::Done{};
}

// Makes those that are missing. A store that stands must not get a second vault or log key.
Status make(const HouseOptions& options, bool json) {
  const auto facts = store::look_at(options.folder);
  std::error_code error;
  fs::create_directories(options.keys, error);
  ::chmod(options.keys.c_str(), 0700);
  base::SystemRandom random;
  for (const auto* name : k_names) {
    const auto path = options.keys + "/" + name;
    if (fs::exists(path)) continue;
    if (facts && std::string_view(name) != "accounts.key") {
      return base::refuse("KEY-02", "数据已存在，密钥须由备份取回，不可新造",
                          "a store stands there: its key must come back from a copy, a new one would not open it", path);
    }
    LG_TRY(const auto made, std::string_view(name) == "vault.key" ? store::vault_key(path, true) : key_file(path, random));
    (void)made;
  }
  return show(options, json);
}

// One-time secrets are sealed under this key and cannot be read under another, so they fall; sessions end. Passwords stand.
Status rotate_accounts(const HouseOptions& options, bool json) {
  static base::SystemClock clock;
  base::SystemRandom random;
  const auto path = options.keys + "/accounts.key";
  if (!fs::exists(options.folder + "/accounts.db")) return base::fail("no accounts stand in " + options.folder);
  std::uint64_t reset = 0;
  {
    LG_TRY(auto accounts, open_accounts(options, clock, random));
    LG_TRY(const auto all, accounts->all());
    for (const auto& account : all) {
      LG_CHECK(accounts->sessions().revoke_all(account.login));
      if (!account.totp) continue;
      LG_CHECK(accounts->remove_totp(account.login));
      ++reset;
    }
  }
  std::error_code error;
  fs::rename(path, path + ".old", error);
  if (error) return base::fail("rename " + path + ": " + error.message());
  LG_TRY(const auto made, key_file(path, random));
  (void)made;
  if (json)
    std::printf("%s\n", base::canonical(Json(JsonObject{{"totp_reset", reset}})).c_str());
  else
    std::printf(
        "已更换，%llu 个动态验证码待重设；重启平台后生效 / done: %llu one-time codes to be set anew; restart the server\n",
        static_cast<unsigned long long>(reset), static_cast<unsigned long long>(reset));
  return base::Done{};
}

Command work(const char* name, base::Text help, Status (*does)(const HouseOptions&, bool)) {
  auto asked = std::make_shared<KeyOptions>();
  Command command{name, std::move(help), {}, {}, {}};
  add_house_options(command, asked->house);
  command.option("--origin", &asked->house.origin, {"日志名", "name of the log"})
      .option("--json", &asked->json, {"以 JSON 输出", "print JSON"});
  command.run = [asked, does] {
    const auto options = house_of(asked->house);
    if (!options) return tell(options.trouble(), asked->json);
    const auto done = does(*options, asked->json);
    return done ? k_done : tell(done.trouble(), asked->json);
  };
  return command;
}

}  // namespace

Command key_command() {
  Command command{"key", {"密钥（见 docs/keys.md）", "keys (docs/keys.md)"}, {}, {}, {}};
  command.subcommands.push_back(
      work("show",
           {"指纹、文件权限与日志的公钥；不显示私钥", "fingerprints, modes and the log's verifier key; never a private key"},
           show));
  command.subcommands.push_back(work("make", {"造出缺少的密钥", "make those that are missing"}, make));
  command.subcommands.push_back(
      work("rotate-accounts",
           {"更换账户密钥，动态验证码须重设，会话全部结束", "a new account key: one-time codes are set anew, sessions end"},
           rotate_accounts));
  command.subcommands.push_back(key_post_command());
  return command;
}

}  // namespace landglass::cli
