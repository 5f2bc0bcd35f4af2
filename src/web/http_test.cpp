#include "web/http.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "web/metrics.hpp"
#include "web/problem.hpp"
#include "web/router.hpp"
#include "web/uri.hpp"
#include "web/wire.hpp"

using namespace landglass;
using namespace landglass::web;

namespace {

Handler says(std::string word) {
  return [word](const Request&) { return text(200, word); };
}

// Feeds the bytes in pieces of `step` and keeps what is not used, as a connection does.
RequestReader::Step read_all(RequestReader& reader, std::string_view bytes, std::size_t step, std::size_t limit = 1 << 20) {
  std::string held;
  auto outcome = RequestReader::Step::more;
  while (true) {
    std::size_t used = 0;
    outcome = reader.feed(held, used);
    held.erase(0, used);
    if (outcome == RequestReader::Step::head) {
      reader.allow_body(limit);
      continue;
    }
    if (outcome != RequestReader::Step::more || bytes.empty()) return outcome;
    held += bytes.substr(0, step);
    bytes.remove_prefix(std::min(step, bytes.size()));
  }
}

std::string refusal_of(std::string_view bytes, std::size_t limit = 1 << 20) {
  RequestReader reader;
  return read_all(reader, bytes, 4096, limit) == RequestReader::Step::refused ? reader.refusal().code : "none";
}

}  // namespace

TEST(Router, PrefersALiteralAndDecodesParameters) {
  Router router;
  router.add(Method::get, "/lots/new", says("new"));
  router.add(Method::get, "/lots/{lot}", says("lot"));
  router.add(Method::get, "/lots/{lot}.json", says("json"));
  router.add(Method::post, "/lots/{lot}/bids", says("bid"));
  router.add(Method::get, "/tile/{level}/{rest...}", says("tile"));
  const auto pattern = [&](Method method, std::string_view path) {
    const auto match = router.match(method, path);
    return match.route ? match.route->pattern : "none, allow " + match.allow;
  };
  EXPECT_EQ(pattern(Method::get, "/lots/new"), "/lots/new");
  EXPECT_EQ(pattern(Method::get, "/lots/G-7"), "/lots/{lot}");
  EXPECT_EQ(pattern(Method::head, "/lots/G-7.json"), "/lots/{lot}.json");
  EXPECT_EQ(pattern(Method::get, "/lots/G-7/bids"), "none, allow POST");
  EXPECT_EQ(pattern(Method::post, "/lots/new"), "none, allow GET, HEAD");
  EXPECT_EQ(pattern(Method::get, "/lots"), "none, allow ");
  EXPECT_EQ(pattern(Method::get, "/lots/a/../b"), "none, allow ");
  EXPECT_EQ(pattern(Method::get, "/lots/%zz"), "none, allow ");
  EXPECT_EQ(pattern(Method::get, "/lots/%00"), "none, allow ");
  EXPECT_EQ(router.match(Method::get, "/lots/%E5%9C%B0%2F1").parameters.get("lot"), "地/1");
  EXPECT_EQ(router.match(Method::get, "/lots/G-7.json").parameters.get("lot"), "G-7");
  const auto tile = router.match(Method::get, "/tile/0/x001/067.p/3");
  EXPECT_EQ(tile.parameters.get("rest"), "x001/067.p/3");
  EXPECT_EQ(tile.parameters.get("level"), "0");
}

TEST(RequestReader, ReadsTheSameRequestHoweverItIsCut) {
  const std::string bytes =
      "POST /bids?lot=G%2D7&lot=%E5%9C%B0+1 HTTP/1.1\r\nHost: a\r\nCookie: a=1; lang=en\r\nTransfer-Encoding: "
      "chunked\r\n\r\n"
      "4\r\nWiki\r\n5;x=y\r\npedia\r\n0\r\nTrailer: t\r\n\r\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    RequestReader reader;
    ASSERT_EQ(read_all(reader, bytes, step), RequestReader::Step::done) << "cut every " << step;
    const auto& request = reader.request();
    EXPECT_EQ(request.method, Method::post);
    EXPECT_EQ(request.path, "/bids");
    ASSERT_EQ(request.query.size(), 2u);
    EXPECT_EQ((request.query.begin() + 1)->second, "地 1");
    EXPECT_EQ(request.cookies.get("lang"), "en");
    EXPECT_EQ(request.body, "Wikipedia");
    EXPECT_FALSE(request.headers.has("trailer"));
    EXPECT_EQ(request.language(), Language::en);
  }
}

TEST(RequestReader, RefusesWhatCouldBeReadInTwoWays) {
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "none");
  EXPECT_EQ(refusal_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            "HTTP-PARSE");
  EXPECT_EQ(refusal_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd"), "HTTP-PARSE");
  EXPECT_EQ(refusal_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"), "HTTP-PARSE");
  EXPECT_EQ(refusal_of("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"), "HTTP-CODING");
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), "HTTP-PARSE");
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\n\r\n"), "HTTP-PARSE");
  EXPECT_EQ(refusal_of("GET http://evil/ HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP-PARSE");
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost : a\r\n\r\n"), "HTTP-PARSE");
  EXPECT_EQ(refusal_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), "HTTP-VERSION");
  EXPECT_EQ(refusal_of("BREW / HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP-METHOD");
  EXPECT_EQ(refusal_of("GET /?a=%f HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP-QUERY");
  EXPECT_EQ(refusal_of("\x16\x03\x01\x02 hello\r\n\r\n"), "HTTP-PARSE");
  EXPECT_EQ(refusal_of("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "HTTP-PARSE");
}

TEST(RequestReader, HoldsEveryBound) {
  EXPECT_EQ(refusal_of("GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP-TARGET");
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n"), "HTTP-HEAD");
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 120; ++i) many += "X: y\r\n";
  EXPECT_EQ(refusal_of(many + "\r\n"), "HTTP-HEAD");
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 60; ++i) head += "X: " + std::string(400, 'y') + "\r\n";
  EXPECT_EQ(refusal_of(head + "\r\n"), "HTTP-HEAD");
  EXPECT_EQ(refusal_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n", 10), "HTTP-BODY");
  EXPECT_EQ(refusal_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789", 10), "none");
  EXPECT_EQ(
      refusal_of("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n8\r\n01234567\r\n", 10),
      "HTTP-BODY");
  EXPECT_EQ(refusal_of("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", 10),
            "HTTP-BODY");
}

TEST(Reply, CannotBeSplitByAHeaderValue) {
  Response response;
  response.header("location", "/a\r\nset-cookie: x=1");
  std::string head;
  append_head(head, response, "id", "d", "", 0, false);
  EXPECT_EQ(head,
            "HTTP/1.1 200 OK\r\ndate: d\r\nlocation: /aset-cookie: x=1\r\nx-request-id: id\r\ncontent-length: 0\r\n\r\n");
  EXPECT_EQ(http_date(1'795'397'221), "Mon, 23 Nov 2026 01:27:01 GMT");
}

TEST(Query, DecodesAndRefuses) {
  const auto pairs = parse_query("a=1&b=&c&%E5%9C%B0=x+y&&a=2");
  ASSERT_TRUE(pairs);
  EXPECT_EQ(pairs->size(), 5u);
  EXPECT_EQ(pairs->get("地"), "x y");
  EXPECT_EQ(pairs->get("a"), "1");
  EXPECT_TRUE(pairs->has("c"));
  EXPECT_TRUE(parse_query("a=%ff").refused());
  EXPECT_TRUE(parse_query("a=%C0%80").refused());
  std::string many;
  for (int i = 0; i < 300; ++i) many += "a&";
  EXPECT_TRUE(parse_query(many).refused());
}

TEST(Multipart, ReadsFieldsAndFilesAndCutsFolders) {
  const std::string body =
      "--b1\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n宗地\r\n"
      "--b1\r\nContent-Disposition: form-data; name=\"plan\"; filename=\"C:\\\\x\\\\图.pdf\"\r\nContent-Type: "
      "application/pdf\r\n\r\n%PDF\r\n-\r\n\r\n"
      "--b1\r\nContent-Disposition: form-data; name=\"none\"\r\n\r\n\r\n--b1--\r\n";
  const auto parts = parse_multipart("multipart/form-data; boundary=b1", body);
  ASSERT_TRUE(parts) << base::explain(parts.trouble());
  ASSERT_EQ(parts->size(), 3u);
  EXPECT_EQ((*parts)[0].content, "宗地");
  EXPECT_EQ((*parts)[1].file, "图.pdf");
  EXPECT_EQ((*parts)[1].type, "application/pdf");
  EXPECT_EQ((*parts)[1].content, "%PDF\r\n-\r\n");
  EXPECT_EQ((*parts)[2].content, "");
  for (std::size_t cut = 0; cut + 4 < body.size(); ++cut) {
    EXPECT_TRUE(parse_multipart("multipart/form-data; boundary=b1", body.substr(0, cut)).refused()) << cut;
  }
  EXPECT_TRUE(parse_multipart("multipart/form-data", body).refused());
}

TEST(Cookies, LeavesOutWhatIsMalformed) {
  const auto cookies = parse_cookies("a=1; b=\"2\";=x; c; d=e=f");
  EXPECT_EQ(cookies.size(), 3u);
  EXPECT_EQ(cookies.get("b"), "2");
  EXPECT_EQ(cookies.get("d"), "e=f");
}

TEST(Language, IsChineseUnlessEnglishIsAskedFor) {
  Request request;
  EXPECT_EQ(request.language(), Language::zh);
  request.headers.add("accept-language", "en-GB,zh;q=0.5");
  EXPECT_EQ(request.language(), Language::en);
  request.cookies.add("lang", "zh");
  EXPECT_EQ(request.language(), Language::zh);
}

TEST(Metrics, ShowPrometheusText) {
  Metrics metrics;
  metrics.counter("refusals_total", "Refusals", {{"code", "LL-\"03\""}}).add(2);
  metrics.gauge("queue", "Waiting").set(-1);
  auto& time = metrics.histogram("batch_seconds", "Batch");
  time.observe_us(300);
  time.observe_us(40'000'000);
  const auto shown = metrics.text();
  EXPECT_NE(shown.find("# TYPE refusals_total counter\nrefusals_total{code=\"LL-\\\"03\\\"\"} 2\n"), std::string::npos)
      << shown;
  EXPECT_NE(shown.find("# TYPE queue gauge\nqueue -1\n"), std::string::npos);
  EXPECT_NE(shown.find("batch_seconds_bucket{le=\"0.000250\"} 0\nbatch_seconds_bucket{le=\"0.000500\"} 1\n"),
            std::string::npos);
  EXPECT_NE(shown.find("batch_seconds_bucket{le=\"+Inf\"} 2\nbatch_seconds_sum 40.000300\nbatch_seconds_count 2\n"),
            std::string::npos);
  for (int i = 0; i < 1'200; ++i) metrics.counter("many_total", "Many", {{"i", std::to_string(i)}}).add();
  EXPECT_NE(metrics.text().find("many_total{overflow=\"true\"} 200\n"), std::string::npos);
}

TEST(Problem, SaysCodeLawAndBothSides) {
  Request request;
  request.id = "r1";
  auto refusal = base::refuse("LL-03", "保证金低于规定", "deposit below the rule", "deposit", "国土资发〔2010〕34号 第4条");
  refusal.detail = {"保证金 1,800,000.00 元 < 20% × 10,000,000.00 元",
                    "Deposit 1,800,000.00 yuan < 20% × 10,000,000.00 yuan"};
  refusal.that = "deposit >= deposit_ratio * minimum_price";
  const auto response = problem(refusal, request);
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.refusal, "LL-03");
  EXPECT_EQ(response.headers.get("content-type"), "application/problem+json");
  // The golden vector of the format's page.
  std::ifstream page(std::string(LG_SOURCE_DIR) + "/docs/formats/http.md");
  const std::string words((std::istreambuf_iterator<char>(page)), {});
  const auto begin = words.find("```json\n") + 8;
  ASSERT_GT(begin, 8u);
  EXPECT_EQ(*response.body + "\n", words.substr(begin, words.find("```", begin) - begin));
}

TEST(Problem, OfAFailureIs503AndHidesWhatFailed) {
  const auto response = problem(base::fail("disk /var/x full", true), {});
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.get("retry-after"), "2");
  EXPECT_EQ(response.body->find("disk"), std::string::npos);
}

TEST(Problem, MapsCodesByTheirLongestPrefix) {
  const auto status = [](std::string code) { return status_of(base::refuse(std::move(code), "", "")); };
  EXPECT_EQ(status("JSON-01"), 400);
  EXPECT_EQ(status("JSON-03"), 422);
  EXPECT_EQ(status("AUTH-01"), 401);
  EXPECT_EQ(status("AUTH-SCOPE"), 403);
  EXPECT_EQ(status("HTTP-RATE"), 429);
  EXPECT_EQ(status("LL-21"), 422);
  EXPECT_EQ(status("EN-01"), 404);
  EXPECT_EQ(status("EN-04"), 403);
  EXPECT_EQ(status("EN-06"), 409);
  EXPECT_EQ(status("EN-08"), 422);
}
