#include "cli/config.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <toml.hpp>

namespace landglass::cli {
namespace {

namespace fs = std::filesystem;
using base::Result;
using base::Status;

std::string place(const std::string& file, const toml::value& value, const std::string& key) {
  return file + ":" + std::to_string(value.location().line()) + ": " + key;
}

base::Refusal wrong_kind(const std::string& where, const char* zh, const char* en) {
  return base::refuse("CONF-03", std::string("此处应为") + zh, std::string("here stands ") + en, where);
}

// Into the target of a setting; what does not fit is refused with its place.
class Put {
 public:
  Put(const toml::value& value, const Setting& setting, std::string where)
      : value_(value), setting_(setting), where_(std::move(where)) {}

  Status operator()(std::string* to) const {
    if (!value_.is_string()) return wrong_kind(where_, "文本", "a text");
    *to = value_.as_string().str;
    return base::Done{};
  }
  Status operator()(std::vector<std::string>* to) const {
    if (!value_.is_array()) return wrong_kind(where_, "文本列表", "a list of texts");
    to->clear();
    for (const auto& one : value_.as_array()) {
      if (!one.is_string()) return wrong_kind(where_, "文本列表", "a list of texts");
      to->push_back(one.as_string().str);
    }
    return base::Done{};
  }
  Status operator()(bool* to) const {
    if (!value_.is_boolean()) return wrong_kind(where_, " true 或 false", "true or false");
    *to = value_.as_boolean();
    return base::Done{};
  }
  template <class Number>
  Status operator()(Number* to) const {
    if (!value_.is_integer()) return wrong_kind(where_, "整数", "an integer");
    const auto number = value_.as_integer();
    if (number < setting_.least || number > setting_.most) {
      auto refusal = base::refuse("CONF-04", "数值超出范围", "the number is out of bounds", where_);
      refusal.detail = base::alike(std::to_string(setting_.least) + " ≤ " + std::to_string(number) + " ≤ " +
                                   std::to_string(setting_.most));
      return refusal;
    }
    *to = static_cast<Number>(number);
    return base::Done{};
  }

 private:
  const toml::value& value_;
  const Setting& setting_;
  std::string where_;
};

base::Refusal unknown(const std::string& file, const toml::value& value, const std::string& key) {
  return base::refuse("CONF-02", "没有此配置项", "there is no such setting", place(file, value, key));
}

Result<toml::value> parse(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return base::refuse("CONF-01", "配置文件无法读取", "the file of settings cannot be read", file);
  try {
    return toml::parse(in, file);
  } catch (const toml::exception& error) {
    auto refusal = base::refuse("CONF-01", "配置文件不是 TOML", "the file of settings is no TOML",
                                file + ":" + std::to_string(error.location().line()));
    refusal.detail = base::alike(error.what());
    return refusal;
  } catch (const std::exception& error) {
    auto refusal = base::refuse("CONF-01", "配置文件不是 TOML", "the file of settings is no TOML", file);
    refusal.detail = base::alike(error.what());
    return refusal;
  }
}

}  // namespace

Status read_config(const std::string& file, HouseOptions& options) {
  LG_TRY(const auto root, parse(file));
  const auto all = settings(options);
  std::map<std::string, std::map<std::string, const Setting*>> known;
  for (const auto& setting : all) known[setting.section][setting.key] = &setting;
  for (const auto& [section, content] : root.as_table()) {
    const auto found = known.find(section);
    if (found == known.end()) return unknown(file, content, section);
    if (!content.is_table()) return wrong_kind(place(file, content, section), "一节", "a section");
    for (const auto& [key, value] : content.as_table()) {
      const auto name = section + "." + key;
      const auto setting = found->second.find(key);
      if (setting == found->second.end()) return unknown(file, value, name);
      LG_CHECK(std::visit(Put(value, *setting->second, place(file, value, name)), setting->second->target));
    }
  }
  auto fits = check_options(options);
  if (fits.refused()) {
    auto refusal = fits.refusal();
    refusal.where = file + ": " + refusal.where;
    return refusal;
  }
  return fits;
}

Status check_options(const HouseOptions& options) {
  const auto refuse = [](std::string zh, std::string en, std::string where) {
    return base::refuse("CONF-05", std::move(zh), std::move(en), std::move(where));
  };
  if (options.tls_chain.empty() != options.tls_key.empty())
    return refuse("证书与私钥须同时给出", "a certificate chain and its key are given together",
                  "http.tls_chain, http.tls_key");
  if (options.signing != "post-key" && options.signing != "session")
    return refuse("signing 只能是 post-key 或 session", "signing is post-key or session", "pack.signing");
  std::error_code error;
  const auto inside =
      fs::weakly_canonical(options.keys, error).lexically_relative(fs::weakly_canonical(options.folder, error));
  if (!inside.empty() && *inside.begin() != "..")
    return refuse("密钥目录不得放在数据目录之内", "the keys must lie outside the folder of the store", "store.keys");
  if (options.require != "quorum" && options.require != "any" && options.require != "none")
    return refuse("见证要求应为 quorum、any 或 none", "who must confirm is quorum, any or none", "witnesses.require");
  if (options.origin.empty() || options.origin.find_first_of(" \t\n+") != std::string::npos)
    return refuse("日志名不得含空格或加号", "the name of a log holds neither space nor plus", "log.origin");
  return base::Done{};
}

void add_house_options(Command& command, HouseArguments& arguments) {
  command
      .option("--config", &arguments.config,
              {"配置文件，缺省为 landglass.toml（若有）", "settings; landglass.toml where it stands"})
      .option("--data", &arguments.folder, {"数据目录", "folder of the store"})
      .option("--keys", &arguments.keys, {"密钥目录", "folder of the keys, apart from the data"});
}

void add_serving_options(Command& command, HouseArguments& arguments) {
  command.option("--origin", &arguments.origin, {"日志名", "name of the log"})
      .option("--address", &arguments.address, {"地址", "address"})
      .option("--port", &arguments.port, {"端口，0 为任一空闲端口", "port; 0 for any free one"})
      .option("--witnesses", &arguments.witnesses, {"见证策略文件", "file of the policy of witnesses"})
      .option("--require", &arguments.require,
              {"启动时须确认的见证人：quorum、any、none", "who must confirm before writing: quorum, any, none"})
      .option("--signing", &arguments.signing,
              {"签署须用岗位密钥（post-key）或亦可凭登录（session）", "signed acts: post-key, or session besides"})
      .option("--tls-chain", &arguments.tls_chain, {"证书", "certificate chain, PEM"})
      .option("--tls-key", &arguments.tls_key, {"私钥", "its key, PEM"});
}

Result<HouseOptions> house_of(const HouseArguments& arguments) {
  HouseOptions options;
  if (!arguments.config.empty())
    LG_CHECK(read_config(arguments.config, options));
  else if (fs::exists("landglass.toml"))
    LG_CHECK(read_config("landglass.toml", options));
  const auto take = [](const std::string& given, std::string& to) {
    if (!given.empty()) to = given;
  };
  take(arguments.folder, options.folder);
  take(arguments.keys, options.keys);
  take(arguments.origin, options.origin);
  take(arguments.pack, options.pack);
  take(arguments.data, options.data);
  take(arguments.address, options.address);
  take(arguments.witnesses, options.witnesses);
  take(arguments.require, options.require);
  take(arguments.signing, options.signing);
  take(arguments.tls_chain, options.tls_chain);
  take(arguments.tls_key, options.tls_key);
  if (!arguments.port.empty()) {
    const auto digits = arguments.port.find_first_not_of("0123456789") == std::string::npos && arguments.port.size() <= 5;
    const long port = digits ? std::strtol(arguments.port.c_str(), nullptr, 10) : -1;
    if (port < 0 || port > 65'535)
      return base::refuse("CONF-04", "端口应为 0 至 65535", "a port is a number from 0 to 65535",
                          "--port " + arguments.port);
    options.port = static_cast<std::uint16_t>(port);
  }
  LG_CHECK(check_options(options));
  return options;
}

Command config_command() {
  struct Asked {
    std::string file = "landglass.toml";
    bool json = false;
  };
  auto asked = std::make_shared<Asked>();
  Command check{
      "check", {"检查配置文件并列出全部生效的值", "check a file of settings and print what is in force"}, {}, {}, {}};
  check.option("file", &asked->file, {"配置文件", "the file"})
      .option("--json", &asked->json, {"以 JSON 输出", "print JSON"});
  check.run = [asked] {
    HouseOptions options;
    if (const auto read = read_config(asked->file, options); !read) return tell(read.trouble(), asked->json);
    base::JsonObject out;
    for (const auto& setting : settings(options)) {
      const auto name = setting.section + "." + setting.key;
      if (asked->json)
        out[name] = shown(setting);
      else
        std::printf("%-32s %s\n", name.c_str(), shown(setting).c_str());
    }
    if (asked->json) std::printf("%s\n", base::canonical(base::Json(std::move(out))).c_str());
    return k_done;
  };
  Command command{"config", {"配置", "settings"}, {}, {}, {}};
  command.subcommands.push_back(std::move(check));
  return command;
}

}  // namespace landglass::cli
