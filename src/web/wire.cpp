#include "web/wire.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <charconv>
#include <ctime>
#include <optional>

#include "web/uri.hpp"

namespace landglass::web {
namespace http = boost::beast::http;
using boost::beast::error_code;

namespace {

base::Refusal bad(std::string code, std::string zh, std::string en) {
  return base::refuse(std::move(code), std::move(zh), std::move(en));
}

}  // namespace

// Fills our Request straight from the parser's callbacks, without Beast's containers between.
struct RequestReader::Parser final : http::basic_parser<true> {
  explicit Parser(const HeadLimits& limits) : limits_(limits) {
    header_limit(static_cast<std::uint32_t>(limits.bytes));
    body_limit(boost::none);
    eager(false);
  }

  Request request;
  std::optional<base::Refusal> refusal;
  std::size_t body_room = 0;
  std::size_t head_bytes = 0;
  int version = 11;
  bool head_told = false;
  bool expects_continue = false;
  bool announced_length = false;
  bool announced_coding = false;

  using http::basic_parser<true>::put;

 private:
  void refuse_with(error_code& ec, base::Refusal why) {
    refusal = std::move(why);
    ec = http::error::bad_value;
  }

  void on_request_impl(http::verb, boost::beast::string_view method, boost::beast::string_view target, int v,
                       error_code& ec) override {
    version = v;
    if (v != 11 && v != 10) return refuse_with(ec, bad("HTTP-VERSION", "不支持的协议版本", "HTTP version not supported"));
    const auto known = method_of({method.data(), method.size()});
    if (!known) return refuse_with(ec, bad("HTTP-METHOD", "不支持的请求方法", "method not implemented"));
    request.method = *known;
    std::string_view whole(target.data(), target.size());
    if (whole.size() > limits_.target) return refuse_with(ec, bad("HTTP-TARGET", "地址过长", "request target too long"));
    if (whole.empty() || whole[0] != '/' || whole.find('#') != std::string_view::npos) {
      return refuse_with(ec, bad("HTTP-PARSE", "请求地址不规范", "the target is not a path"));
    }
    const auto question = whole.find('?');
    request.path = std::string(whole.substr(0, question));
    if (question == std::string_view::npos) return;
    auto query = parse_query(whole.substr(question + 1));
    if (!query) return refuse_with(ec, query.refusal());
    request.query = *std::move(query);
  }
  void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}

  void on_field_impl(http::field field, boost::beast::string_view name, boost::beast::string_view value,
                     error_code& ec) override {
    if (head_told) return;  // trailers of a chunked body say nothing to us
    if (request.headers.size() == limits_.fields) {
      return refuse_with(ec, bad("HTTP-HEAD", "请求头过大", "too many header fields"));
    }
    std::string key(name.data(), name.size());
    for (char& c : key)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool once = field == http::field::host || field == http::field::authorization || field == http::field::origin ||
                      field == http::field::content_type || field == http::field::content_length;
    if (once && request.headers.has(key)) {
      return refuse_with(ec, bad("HTTP-PARSE", "请求头重复", "header field " + key + " stands twice"));
    }
    announced_length |= field == http::field::content_length;
    announced_coding |= field == http::field::transfer_encoding;
    if (field == http::field::expect) expects_continue = true;
    request.headers.add(std::move(key), std::string(value.data(), value.size()));
  }

  void on_header_impl(error_code& ec) override {
    // Both framings at once is how requests are smuggled past a proxy (RFC 9112 §6.3): refused, whichever might be meant.
    if (announced_length && announced_coding) {
      return refuse_with(ec, bad("HTTP-PARSE", "请求长度声明冲突", "both content-length and transfer-encoding"));
    }
    const auto* host = request.headers.find("host");
    if (version == 11 && !host) return refuse_with(ec, bad("HTTP-PARSE", "缺少 Host", "no host field"));
    if (announced_coding && !chunked()) {
      return refuse_with(ec, bad("HTTP-CODING", "不支持的传输编码", "transfer coding not implemented"));
    }
    if (host) request.host = *host;
    request.keep_alive = keep_alive();
    if (const auto* cookie = request.headers.find("cookie")) request.cookies = parse_cookies(*cookie);
    if (const auto* expect = request.headers.find("expect"); expect && *expect != "100-continue") {
      return refuse_with(ec, bad("HTTP-EXPECT", "不支持的 Expect", "expectation not supported"));
    }
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length && *length <= body_room) request.body.reserve(static_cast<std::size_t>(*length));
  }
  std::size_t on_body_impl(boost::beast::string_view bytes, error_code& ec) override {
    if (bytes.size() > body_room) {
      refuse_with(ec, bad("HTTP-BODY", "请求内容过大", "body too large"));
      return 0;
    }
    body_room -= bytes.size();
    request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t size, boost::beast::string_view, error_code& ec) override {
    if (size > body_room) refuse_with(ec, bad("HTTP-BODY", "请求内容过大", "body too large"));
  }
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view bytes, error_code& ec) override {
    return on_body_impl(bytes, ec);
  }
  void on_finish_impl(error_code&) override {}

  HeadLimits limits_;
};

RequestReader::RequestReader(HeadLimits limits) : limits_(limits) { next(); }
RequestReader::~RequestReader() = default;
void RequestReader::next() { parser_ = std::make_unique<Parser>(limits_); }
Request& RequestReader::request() { return parser_->request; }
bool RequestReader::started() const { return parser_->got_some(); }
bool RequestReader::expects_continue() const { return parser_->expects_continue; }
bool RequestReader::has_body() const { return parser_->head_told && !parser_->is_done(); }
const base::Refusal& RequestReader::refusal() const { return *parser_->refusal; }

void RequestReader::allow_body(std::size_t limit) {
  parser_->body_room = limit;
  if (const auto length = parser_->content_length(); length && *length > limit) {
    parser_->refusal = bad("HTTP-BODY", "请求内容过大", "body too large");
  }
}

RequestReader::Step RequestReader::feed(std::string_view bytes, std::size_t& used) {
  auto& parser = *parser_;
  used = 0;
  while (true) {
    if (parser.refusal) return Step::refused;
    if (parser.is_header_done() && !parser.head_told) {
      parser.head_told = true;
      return Step::head;
    }
    if (parser.is_done()) return Step::done;
    const auto rest = bytes.substr(used);
    // RFC 9112 §2.2: an empty line before a request line is passed over.
    if (!parser.got_some() && rest.substr(0, 2) == "\r\n") {
      used += 2;
      continue;
    }
    if (rest.empty() || (!parser.got_some() && rest == "\r")) return Step::more;
    error_code ec;
    const auto taken = parser.put(boost::asio::const_buffer(rest.data(), rest.size()), ec);
    used += taken;
    if (!parser.is_header_done()) {
      parser.head_bytes += taken;
      const bool full = parser.head_bytes + (rest.size() - taken) > limits_.bytes;
      if (ec == http::error::header_limit || ((!ec || ec == http::error::need_more) && full)) {
        parser.refusal = bad("HTTP-HEAD", "请求头过大", "request head too large");
        return Step::refused;
      }
    }
    if (ec == http::error::need_more) {
      // Nothing a chunk header or trailer says is longer than this.
      if (parser.is_header_done() && bytes.size() - used > limits_.bytes) {
        parser.refusal = bad("HTTP-PARSE", "请求格式有误", "chunk framing too long");
        return Step::refused;
      }
      return Step::more;
    }
    if (ec) {
      if (!parser.refusal) {
        if (ec == http::error::bad_version)
          parser.refusal = bad("HTTP-VERSION", "不支持的协议版本", "HTTP version not supported");
        else
          parser.refusal = bad("HTTP-PARSE", "请求格式有误", "malformed request: " + ec.message());
      }
      return Step::refused;
    }
  }
}

namespace {

void append_number(std::string& out, std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void append_clean(std::string& out, std::string_view value) {
  for (const char c : value)
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out.push_back(c);
}

}  // namespace

void append_head(std::string& out, const Response& response, std::string_view request_id, std::string_view date,
                 std::string_view constant, std::int64_t length, bool close) {
  out += "HTTP/1.1 ";
  append_number(out, response.status);
  out.push_back(' ');
  out += reason(response.status);
  out += "\r\ndate: ";
  out += date;
  out += "\r\n";
  out += constant;
  for (const auto& [name, value] : response.headers) {
    append_clean(out, name);
    out += ": ";
    append_clean(out, value);
    out += "\r\n";
  }
  if (!request_id.empty()) {
    out += "x-request-id: ";
    out += request_id;
    out += "\r\n";
  }
  if (length >= 0) {
    out += "content-length: ";
    append_number(out, length);
    out += "\r\n";
  }
  if (close) out += "connection: close\r\n";
  out += "\r\n";
}

std::string http_date(std::int64_t unix_seconds) {
  const std::time_t time = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char out[64];
  std::snprintf(out, sizeof out, "%s, %02d %s %d %02d:%02d:%02d GMT", days[parts.tm_wday], parts.tm_mday,
                months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return out;
}

}  // namespace landglass::web
