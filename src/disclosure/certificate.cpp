#include "disclosure/certificate.hpp"

#include "log/merkle.hpp"
#include "verify/certificate.hpp"

namespace landglass::disclosure {
namespace {

base::Result<const log::Change*> change_of(const CertificateSource& source) {
  if (source.leaf.change.record == source.record) return &source.leaf.change;
  for (const log::Change& effect : source.leaf.effects) {
    if (effect.record == source.record) return &effect;
  }
  return base::refuse("CERT-02", "日志记录与本证书无关", "the leaf is not about this certificate", source.record);
}

base::Result<base::Json> field_of(const log::Change& change, const std::string& name) {
  const base::Json* value = change.set.find(name);
  if (value == nullptr) value = change.outcome.find(name);
  if (value == nullptr) return base::refuse("CERT-03", "日志记录中没有该内容", "the leaf has no such field", name);
  return *value;
}

}  // namespace

base::Result<base::Json> certificate_json(const CertificateSource& source) {
  LG_TRY(const log::Change* change, change_of(source));
  base::JsonObject fields;
  LG_TRY(fields["code"], field_of(*change, "code"));
  for (const std::string& name : source.fields) {
    LG_TRY(fields[name], field_of(*change, name));
  }
  return base::Json(base::JsonObject{{"format", "landglass/certificate/1"},
                                     {"id", source.record},
                                     {"state", change->state},
                                     {"fields", std::move(fields)},
                                     {"openings", source.openings},
                                     {"receipt", source.receipt}});
}

std::vector<Standing> standings_of(std::string_view state) {
  std::vector<std::string_view> regions;
  for (;;) {
    const auto bar = state.find('|');
    regions.push_back(state.substr(0, bar));
    if (bar == std::string_view::npos) break;
    state.remove_prefix(bar + 1);
  }
  const std::string_view main = regions.front();
  std::vector<Standing> all{{{"现行有效", "in force"}, main == "in_force", false}};
  const auto side = [&](base::Text name, std::string_view region, std::string_view quiet) {
    for (const std::string_view one : regions) {
      if (one.size() > region.size() && one.starts_with(region) && one[region.size()] == ':')
        all.push_back({std::move(name), one.substr(region.size() + 1) != quiet, true});
    }
  };
  side({"抵押", "mortgaged"}, "mortgage", "none");
  side({"查封", "sealed"}, "seal", "none");
  all.push_back({{"已变更", "changed"}, main == "changed", true});
  all.push_back({{"已注销", "cancelled"}, main == "cancelled", true});
  return all;
}

base::Result<Document> certificate_document(const Template& paper, const base::Json& fields, const CertificateSource& source,
                                            bool demonstration) {
  LG_TRY(const log::Change* change, change_of(source));
  LG_TRY(const base::Json code, field_of(*change, "code"));
  if (!code.is_string()) return base::refuse("CERT-03", "验证码不是文本", "the code is no text", "code");
  LG_TRY(const std::string bytes, log::encode(source.leaf));
  const std::string leaf = base::to_hex(log::leaf_hash(bytes)).substr(0, verify::k_mark_leaf_digits);
  const Marks marks{source.record, code.as_string(),
                    verify::write_mark({source.record, code.as_string(), leaf, source.leaf.origin}), demonstration,
                    source.leaf.as_of};
  LG_TRY(Document document, paper.fill(fields, marks));
  document.blocks.insert(document.blocks.begin(), Standings{standings_of(change->state)});
  return document;
}

base::Result<std::string> certificate_pdf(const Press& press, const Template& paper, const base::Json& fields,
                                          const CertificateSource& source, bool demonstration) {
  LG_TRY(const Document document, certificate_document(paper, fields, source, demonstration));
  return press.pdf(document);
}

}  // namespace landglass::disclosure
