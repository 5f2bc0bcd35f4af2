// What can be set, in the order in which it is printed. docs/formats/config.md has the same table; config_test holds it
// against this one.

#include "cli/config.hpp"

namespace landglass::cli {

std::vector<Setting> settings(HouseOptions& options) {
  auto& http = options.limits;
  constexpr std::int64_t k_day_ms = 86'400'000;
  return {
      {"log",
       "origin",
       &options.origin,
       {"日志名，写入每片叶子，定后不改", "name of the log, in every leaf; never changed"}},
      {"log", "anchor_ms", &options.anchor_ms, {"密封树锚定间隔", "between anchors of the sealed tree"}, 60'000, k_day_ms},
      {"log",
       "queue",
       &options.queue,
       {"等待的命令数上限，再多答 503", "commands that may wait; past it 503"},
       16,
       1'000'000},
      {"log", "batch", &options.batch, {"一批的命令数上限", "commands of one batch"}, 1, 65'536},
      {"log", "cached_records", &options.cached_records, {"内存中的记录数", "records in memory"}, 100, 100'000'000},
      {"store", "folder", &options.folder, {"数据目录", "folder of store and accounts"}},
      {"store", "keys", &options.keys, {"密钥目录，在数据目录之外", "folder of the keys, outside that of the store"}},
      {"pack", "folder", &options.pack, {"制度包", "the pack"}},
      {"pack",
       "signing",
       &options.signing,
       {"签署行为须凭：post-key 岗位密钥，session 亦可凭登录", "what a signed act demands: post-key, or session as well"}},
      {"pack", "data", &options.data, {"区划与日历", "divisions and calendar"}},
      {"pages", "assets", &options.assets, {"页面资源", "assets of the pages"}},
      {"pages", "templates", &options.templates, {"页面模板", "templates of the pages"}},
      {"pages", "texts", &options.texts, {"页面文字", "texts of the pages"}},
      {"pages", "licence", &options.licence, {"开放数据的许可", "licence of the open data"}},
      {"pages", "licence_url", &options.licence_url, {"许可全文所在", "where its text stands"}},
      {"http", "address", &options.address, {"监听地址", "address to listen on"}},
      {"http", "port", &options.port, {"端口，0 为任一空闲端口", "port; 0 for any free one"}, 0, 65'535},
      {"http", "tls_chain", &options.tls_chain, {"证书，PEM", "certificate chain, PEM"}},
      {"http", "tls_key", &options.tls_key, {"私钥，PEM", "its key, PEM"}},
      {"http",
       "origins",
       &options.origins,
       {"本站网址，空为请求所示", "our own origins; empty: scheme and host of the request"}},
      {"http",
       "behind_proxy",
       &options.behind_proxy,
       {"由本机代理终止 TLS，信其 X-Forwarded-*", "a proxy on loopback speaks TLS; its X-Forwarded-* is believed"}},
      {"http", "threads", &options.threads, {"连接线程数", "threads of connections"}, 1, 256},
      {"http", "workers", &options.workers, {"计算线程数", "threads for routes that reckon"}, 1, 256},
      {"http",
       "heavy",
       &options.heavy,
       {"制作案卷、文书和成批数据的线程数", "threads for case files, printed papers and whole registers"},
       1,
       64},
      {"http",
       "access_log",
       &options.access_log,
       {"逐条记录请求（无个人信息），写到标准错误", "a line a request, without personal data, on stderr"}},
      {"accounts", "join", &options.join, {"市场主体和公民可自行开户", "citizens and bidders open accounts for themselves"}},
      {"witnesses", "policy", &options.witnesses, {"见证策略文件，空为不设见证人", "file of the policy; empty: none"}},
      {"witnesses",
       "require",
       &options.require,
       {"启动时须确认的见证人", "who must confirm before anything is written: quorum, any, none"}},
      {"limits", "connections", &http.connections, {"连接数", "connections"}, 16, 1'000'000},
      {"limits", "per_peer", &http.per_peer, {"一个地址的连接数", "connections of one address"}, 1, 1'000'000},
      {"limits", "first_byte_ms", &http.first_byte_ms, {"首字节", "to the first byte"}, 100, k_day_ms},
      {"limits", "head_ms", &http.head_ms, {"请求头", "to the end of the head"}, 100, k_day_ms},
      {"limits", "body_ms", &http.body_ms, {"请求体", "the body"}, 100, k_day_ms},
      {"limits", "idle_ms", &http.idle_ms, {"两次请求之间", "between two requests"}, 100, k_day_ms},
      {"limits", "handler_ms", &http.handler_ms, {"处理", "a handler"}, 100, k_day_ms},
      {"limits", "write_ms", &http.write_ms, {"客户端收取", "the client's taking of an answer"}, 100, k_day_ms},
      {"limits", "heartbeat_ms", &http.heartbeat_ms, {"直播心跳", "heartbeat of a live stream"}, 100, k_day_ms},
      {"limits", "stop_ms", &options.stop_ms, {"停机时等待的时间", "what a stop waits for requests in flight"}, 0, 600'000},
      {"limits",
       "files_mib",
       &options.files_mib,
       {"一个账号一天可上传的文件量，MiB", "MiB of files that one account may hand in a day"},
       1,
       1'000'000},
      {"limits",
       "files_uncited_h",
       &options.files_uncited_h,
       {"上传后无人引用的文件多少小时后清除", "hours after which a file that no act cites is purged"},
       1,
       8'760},
  };
}

std::string shown(const Setting& setting) {
  return std::visit(
      [](const auto* value) -> std::string {
        using Value = std::remove_cvref_t<decltype(*value)>;
        std::string out;
        if constexpr (std::is_same_v<Value, std::string>) {
          base::append_json_string(out, *value);
        } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
          for (const auto& one : *value) {
            out += out.empty() ? "" : ", ";
            base::append_json_string(out, one);
          }
          out = "[" + out + "]";
        } else if constexpr (std::is_same_v<Value, bool>) {
          out = *value ? "true" : "false";
        } else {
          out = std::to_string(*value);
        }
        return out;
      },
      setting.target);
}

}  // namespace landglass::cli
