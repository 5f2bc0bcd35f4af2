#pragma once
// Pages out of Mustache templates (docs/formats/page-model.md): a folder of them, read at start, partials pasted in. A page
// model is JSON whose texts may still be in both languages; the reader's is picked here.

#include <memory>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "web/http.hpp"

namespace landglass::web {

class Templates {
 public:
  // Failure: the folder cannot be read. Refusals: PAGE-PARSE a template does not parse, PAGE-PARTIAL a partial is absent or
  // holds itself, PAGE-RAW a template renders something unescaped. `texts_file` is web/texts.json, or empty.
  static base::Result<std::unique_ptr<Templates>> open(const std::string& folder, const std::string& texts_file = {});
  ~Templates();
  bool has(std::string_view name) const;
  // `model` is used as localise() leaves it. Sets lang, html_lang and t where the model has none. Thread-safe. A name that
  // is not there is a bug. On an English page what is Chinese is marked so (chinese_marks.hpp).
  std::string render(std::string_view name, const base::Json& model, Language language) const;

 private:
  struct Impl;
  explicit Templates(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Every object of exactly {zh, en} becomes the text of that language (the other one's where it is empty).
base::Json localise(const base::Json& model, Language language);

// JSON for a <script type="application/json"> block: no "<" stands in it.
std::string json_in_html(const base::Json& value);

}  // namespace landglass::web
