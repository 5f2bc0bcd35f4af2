#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "web/assets.hpp"
#include "web/render.hpp"

using namespace landglass;
using namespace landglass::web;
namespace fs = std::filesystem;

namespace {

struct Folder {
  Folder()
      : path((fs::temp_directory_path() / ("lg-page-" + std::to_string(::getpid()) + "-" + std::to_string(++count)))
                 .string()) {
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  void put(const std::string& name, const std::string& content) const {
    fs::create_directories(fs::path(path + "/" + name).parent_path());
    std::ofstream(path + "/" + name, std::ios::binary) << content;
  }
  static inline int count = 0;
  std::string path;
};

Request asking(std::initializer_list<Pairs::Pair> headers = {}) {
  Request request;
  for (const auto& [name, value] : headers) request.headers.add(name, value);
  return request;
}

base::Json parsed(std::string_view text) { return *base::parse_json(text, base::Profile::any); }

}  // namespace

TEST(Assets, AreServedWithStrongTagsAndKeptForAYearWhereTheNameCarriesAHash) {
  Folder folder;
  folder.put("app-1a2B3c4D.js", "let a");
  folder.put("app-1a2B3c4D.js.gz", "gz!");
  folder.put("sub/plain.css", "a{}");
  folder.put("manifest.json", R"({"app.js":"app-1a2B3c4D.js"})");
  const auto assets = Assets::open(folder.path);
  ASSERT_TRUE(assets);
  const auto plain = (*assets)->serve("app-1a2B3c4D.js", asking());
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(*plain.body, "let a");
  EXPECT_EQ(plain.headers.get("content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(plain.headers.get("cache-control"), "public, max-age=31536000, immutable");
  const auto packed = (*assets)->serve("app-1a2B3c4D.js", asking({{"accept-encoding", "gzip, br"}}));
  EXPECT_EQ(*packed.body, "gz!");
  EXPECT_EQ(packed.headers.get("content-encoding"), "gzip");
  EXPECT_EQ(packed.headers.get("vary"), "accept-encoding");
  EXPECT_NE(packed.headers.get("etag"), plain.headers.get("etag"));
  const std::string tag(plain.headers.get("etag"));
  const auto again = (*assets)->serve("app-1a2B3c4D.js", asking({{"if-none-match", "\"x\", " + tag}}));
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, nullptr);
  EXPECT_EQ((*assets)->serve("sub/plain.css", asking()).headers.get("cache-control"), "no-cache");
  EXPECT_EQ((*assets)->serve("../secret", asking()).status, 404);
  EXPECT_EQ((*assets)->hashed("app.js"), "app-1a2B3c4D.js");
  EXPECT_EQ((*assets)->hashed("none.js"), "none.js");
  EXPECT_TRUE(Assets::open(folder.path + "/nowhere").failed());
}

TEST(Cached, TurnsAnAnswerThatTheClientHasInto304) {
  const auto first = cached(asking(), text(200, "tile"), "public");
  const auto second =
      cached(asking({{"if-none-match", std::string(first.headers.get("etag"))}}), text(200, "tile"), "public");
  EXPECT_EQ(second.status, 304);
  EXPECT_EQ(cached(asking({{"if-none-match", "\"other\""}}), text(200, "tile"), "public").status, 200);
}

TEST(Templates, PastePartialsEscapeAndSpeakTheReadersLanguage) {
  Folder folder;
  folder.put("lot.mustache",
             "<h1>{{title}}</h1>\n{{#items}}\n{{> _row}}\n{{/items}}\n{{t.close}} {{lang}} {{html_lang}} {{count}}\n");
  folder.put("_row.mustache", "<li{{#mark}} class=\"x\"{{/mark}}>{{name}}</li>\n");
  folder.put("texts.json", R"({"close":{"zh":"关闭","en":"Close"}})");
  const auto templates = Templates::open(folder.path, folder.path + "/texts.json");
  ASSERT_TRUE(templates) << base::explain(templates.trouble());
  EXPECT_TRUE((*templates)->has("lot"));
  EXPECT_FALSE((*templates)->has("_row"));
  const auto model = parsed(
      R"({"title":{"zh":"宗地 <1>","en":"Parcel & \"1\""},"count":3,"items":[{"name":"a","mark":true},{"name":{"zh":"乙","en":""}}]})");
  EXPECT_EQ((*templates)->render("lot", model, Language::zh),
            "<h1>宗地 &lt;1&gt;</h1>\n<li class=\"x\">a</li>\n<li>乙</li>\n关闭 zh zh-CN 3\n");
  EXPECT_EQ((*templates)->render("lot", model, Language::en),
            "<h1>Parcel &amp; &quot;1&quot;</h1>\n<li class=\"x\">a</li>\n<li lang=\"zh-CN\">乙</li>\nClose en en 3\n");
}

TEST(Templates, RefuseWhatIsUnescapedAbsentOrRunsInCircles) {
  const auto code = [](const std::string& page, const std::string& partial) {
    Folder folder;
    folder.put("page.mustache", page);
    folder.put("_one.mustache", partial);
    const auto opened = Templates::open(folder.path);
    return opened.refused() ? opened.refusal().code : "none";
  };
  EXPECT_EQ(code("{{> _one}}", "x"), "none");
  EXPECT_EQ(code("{{{raw}}}", ""), "PAGE-RAW");
  EXPECT_EQ(code("{{> _one}}", "{{&raw}}"), "PAGE-RAW");
  EXPECT_EQ(code("{{> _two}}", ""), "PAGE-PARTIAL");
  EXPECT_EQ(code("{{> _one}}", "{{> _one}}"), "PAGE-PARTIAL");
  EXPECT_EQ(code("{{#open}}", ""), "PAGE-PARSE");
}

TEST(Templates, OfThisTreeAllParseAndRenderTheirFixtures) {
  const std::string web = std::string(LG_SOURCE_DIR) + "/web";
  const auto templates = Templates::open(web + "/templates", web + "/texts.json");
  ASSERT_TRUE(templates) << base::explain(templates.trouble());
  const auto read = [](const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    return parsed(content.str());
  };
  const auto page = read(web + "/fixtures/_page.json");
  int rendered = 0;
  for (const auto& entry : fs::directory_iterator(web + "/fixtures")) {
    const auto name = entry.path().stem().string();
    if (name.starts_with("_")) continue;
    auto model = page;
    const auto own = read(entry.path());
    for (const auto& [key, value] : own.as_object()) model.as_object()[key] = value;
    const auto chosen =
        model.text("template").empty() ? name.substr(0, name.find('-')) : std::string(model.text("template"));
    ASSERT_TRUE((*templates)->has(chosen)) << chosen;
    const auto out = (*templates)->render(chosen, model, Language::zh);
    EXPECT_NE(out.find("</html>"), std::string::npos) << name;
    EXPECT_EQ(out.find("{{"), std::string::npos) << name;
    ++rendered;
  }
  EXPECT_GT(rendered, 10);
}

TEST(Templates, RenderOnManyThreadsAtOnce) {
  Folder folder;
  folder.put("page.mustache", "{{#items}}{{n}},{{/items}}");
  const auto templates = Templates::open(folder.path);
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      const auto model = parsed(R"({"items":[{"n":"1"},{"n":"2"}]})");
      for (int i = 0; i < 200; ++i) right += (*templates)->render("page", model, Language::zh) == "1,2,";
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 800);
}

TEST(JsonInHtml, CannotEndItsScriptElement) {
  EXPECT_EQ(json_in_html(parsed(R"({"a":"</script><b>"})")), "{\"a\":\"\\u003c/script>\\u003cb>\"}");
}
