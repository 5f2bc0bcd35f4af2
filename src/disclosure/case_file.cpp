#include "disclosure/case_file.hpp"

#include <zip.h>

#include <memory>
#include <set>

#include "base/crypto.hpp"
#include "disclosure/zip_file.hpp"

namespace landglass::disclosure {
namespace {

constexpr std::size_t k_max_catalogue_bytes = 1 << 20;

std::string hash_of(std::string_view bytes) { return base::to_hex(base::sha256(base::as_bytes(bytes))); }

// A title as the name of a file on any system.
std::string file_name(std::size_t place, const std::string& title, const std::string& extension) {
  std::string name;
  for (const char c : title) {
    name +=
        static_cast<unsigned char>(c) < 0x20 || std::string_view("/\\:*?\"<>|").find(c) != std::string_view::npos ? '_' : c;
  }
  std::string digits = std::to_string(place);
  while (digits.size() < 3) digits.insert(digits.begin(), '0');
  return digits + "-" + name + "." + extension;
}

Document contents(const CaseFile& file, const base::JsonArray& listed) {
  Document document;
  document.name = "catalogue";
  document.title = {"案卷目录", "Catalogue of the case file"};
  document.number = file.title.zh;
  document.marks = file.marks;
  Table table{{{{"序号", "No."}, 3, Align::centre},
               {{"文书", "Paper"}, 9, Align::left},
               {{"文号", "Number"}, 7, Align::left},
               {{"日期", "Date"}, 6, Align::centre},
               {{"SHA-256", ""}, 13, Align::left}},
              {},
              false};
  for (std::size_t i = 0; i < file.papers.size(); ++i) {
    const CasePaper& paper = file.papers[i];
    const std::string hash(listed[i].text("sha256"));
    // In fours, so that a person can compare and a line can break.
    std::string spaced;
    for (std::size_t k = 0; k < hash.size(); k += 4) spaced += hash.substr(k, 4) + " ";
    spaced.pop_back();
    table.rows.push_back({{std::to_string(i + 1), ""},
                          paper.title,
                          {paper.number, ""},
                          {base::format_date(base::date_of(paper.as_of)), ""},
                          {spaced, ""}});
  }
  document.blocks.emplace_back(std::move(table));
  document.blocks.emplace_back(Paragraph{{"目录与各文件的摘要值同载于 catalogue.json，可用 landglass verify 逐件核对。",
                                          "catalogue.json holds the same digests; landglass verify checks each file."},
                                         true});
  return document;
}

}  // namespace

base::Result<std::string> write_case_file(const Press& press, const CaseFile& file) {
  std::uint64_t size = 0;
  for (const CasePaper& paper : file.papers) size += paper.bytes.size();
  if (file.papers.size() > k_max_case_papers || size > k_max_case_bytes) {
    return base::refuse("CASE-01", "案卷过大", "the case file would be too large",
                        std::to_string(file.papers.size()) + " papers, " + std::to_string(size) + " bytes");
  }
  base::JsonArray listed;
  std::vector<ZipEntry> entries;
  for (std::size_t i = 0; i < file.papers.size(); ++i) {
    const CasePaper& paper = file.papers[i];
    const std::string name = file_name(i + 1, paper.title.zh, paper.extension);
    base::JsonObject row{{"file", name},
                         {"title", base::JsonObject{{"zh", paper.title.zh}, {"en", paper.title.en}}},
                         {"number", paper.number},
                         {"as_of", base::format_utc(paper.as_of)},
                         {"bytes", static_cast<std::int64_t>(paper.bytes.size())},
                         {"sha256", hash_of(paper.bytes)},
                         {"leaf", nullptr}};
    if (paper.leaf) row["leaf"] = static_cast<std::int64_t>(*paper.leaf);
    listed.emplace_back(std::move(row));
    entries.push_back({name, &paper.bytes, paper.extension != "pdf"});
  }
  LG_TRY(const std::string sheet, press.pdf(contents(file, listed)));
  const std::string sheet_name = "000-目录.pdf";
  const std::string catalogue =
      base::canonical(base::JsonObject{{"format", "landglass/case-file/1"},
                                       {"record", file.marks.record},
                                       {"origin", file.origin},
                                       {"demonstration", file.marks.demonstration},
                                       {"title", base::JsonObject{{"zh", file.title.zh}, {"en", file.title.en}}},
                                       {"contents", base::JsonObject{{"file", sheet_name}, {"sha256", hash_of(sheet)}}},
                                       {"papers", std::move(listed)}});
  entries.insert(entries.begin(), {{"catalogue.json", &catalogue, true}, {sheet_name, &sheet, false}});
  return zip_of(entries);
}

namespace {

class OpenedZip {
 public:
  static base::Result<OpenedZip> open(std::string_view bytes) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
    if (archive == nullptr) {
      if (source != nullptr) zip_source_free(source);
      return base::refuse("CASE-02", "不是案卷文件", "this is no case file", said_by(error));
    }
    return OpenedZip(archive);
  }

  std::uint64_t count() const { return static_cast<std::uint64_t>(zip_get_num_entries(archive_.get(), 0)); }
  std::string name(std::uint64_t index) const {
    const char* name = zip_get_name(archive_.get(), index, ZIP_FL_ENC_GUESS);
    return name == nullptr ? "" : name;
  }
  // What it unpacks to, never more than `limit` bytes whatever its head promises.
  base::Result<std::string> read(const std::string& name, std::uint64_t limit) const {
    std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(zip_fopen(archive_.get(), name.c_str(), 0), zip_fclose);
    if (!file) return base::refuse("CASE-03", "案卷缺少文件", "a file of the catalogue is absent", name);
    std::string out;
    std::string buffer(1 << 16, '\0');
    for (;;) {
      const auto size = zip_fread(file.get(), buffer.data(), buffer.size());
      if (size < 0) return base::refuse("CASE-03", "案卷文件损坏", "a file is damaged", name);
      if (size == 0) return out;
      out.append(buffer, 0, static_cast<std::size_t>(size));
      if (out.size() > limit)
        return base::refuse("CASE-03", "案卷文件过大", "a file is larger than the catalogue says", name);
    }
  }

 private:
  explicit OpenedZip(zip_t* archive) : archive_(archive, zip_discard) {}
  std::unique_ptr<zip_t, void (*)(zip_t*)> archive_;
};

}  // namespace

base::Result<std::string> read_from_case(std::string_view bytes, const std::string& file) {
  LG_TRY(const OpenedZip zip, OpenedZip::open(bytes));
  return zip.read(file, k_max_case_bytes);
}

base::Result<base::Json> check_case_file(std::string_view bytes) {
  LG_TRY(const OpenedZip zip, OpenedZip::open(bytes));
  LG_TRY(const std::string text, zip.read("catalogue.json", k_max_catalogue_bytes));
  LG_TRY(base::Json catalogue, base::parse_json(text));
  const base::JsonArray* papers = catalogue.at("papers").if_array();
  if (catalogue.text("format") != "landglass/case-file/1" || papers == nullptr || papers->size() > k_max_case_papers) {
    return base::refuse("CASE-02", "不是案卷文件", "this is no case file", "catalogue.json");
  }
  std::set<std::string, std::less<>> named{"catalogue.json"};
  std::uint64_t left = k_max_case_bytes;
  const auto check = [&](const base::Json& one) -> base::Status {
    const std::string name(one.text("file"));
    LG_TRY(const std::string content, zip.read(name, left));
    left -= content.size();
    if (hash_of(content) != one.text("sha256")) {
      return base::refuse("CASE-03", "案卷文件与目录摘要不符", "a file is not the one of the catalogue", name);
    }
    named.insert(name);
    return base::Done{};
  };
  LG_CHECK(check(catalogue.at("contents")));
  for (const base::Json& paper : *papers) LG_CHECK(check(paper));
  for (std::uint64_t i = 0; i < zip.count(); ++i) {
    if (named.count(zip.name(i)) == 0) {
      return base::refuse("CASE-03", "案卷中有目录未列的文件", "a file stands in no catalogue", zip.name(i));
    }
  }
  if (zip.count() != papers->size() + 2)
    return base::refuse("CASE-03", "案卷文件重复", "a file stands twice", "catalogue.json");
  return catalogue;
}

}  // namespace landglass::disclosure
