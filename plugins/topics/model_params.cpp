#include "plugins/topics/model_params.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <sstream>

namespace driftscope::topics {
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// "scholar, dvae" -> scholar, dvae: what stands before the first colon.
std::vector<std::string> addressees(const std::string& help) {
    const std::size_t colon = help.find(':');
    std::vector<std::string> out;
    if (colon == std::string::npos) return out;
    std::istringstream parts(lower(help.substr(0, colon)));
    for (std::string part; std::getline(parts, part, ',');) {
        part.erase(0, part.find_first_not_of(' '));
        out.push_back(part);
    }
    return out;
}

bool isNeural(const std::string& model) {
    return model != "lda" && model != "nmf";
}

}  // namespace

bool usedBy(const ParamSpec& spec, const std::string& model, const std::vector<std::string>& models) {
    const std::vector<std::string> names = addressees(spec.help);
    const bool addressed = std::any_of(names.begin(), names.end(), [&](const std::string& name) { return name == "neural" || std::find(models.begin(), models.end(), name) != models.end(); });
    if (!addressed) return true;
    if (std::find(names.begin(), names.end(), model) != names.end()) return true;
    if (isNeural(model) && std::find(names.begin(), names.end(), "neural") != names.end()) return true;
    return lower(spec.help).find(" " + model + ":") != std::string::npos;
}

std::string modelAbout(const std::string& model) {
    static const std::map<std::string, std::string> kAbout{
        {"lda", "Latent Dirichlet allocation by collapsed Gibbs sampling, with MALLET's optimised priors (Blei, Ng and Jordan 2003; Yao, Mimno and McCallum 2009)."},
        {"nmf", "Non-negative matrix factorisation of TF-IDF weights (Lee and Seung 1999)."},
        {"prodlda", "ProdLDA: a variational autoencoder with a product of experts as decoder (Srivastava and Sutton 2017)."},
        {"scholar", "SCHOLAR: a logistic-normal autoencoder with word background (Card, Tan and Smith 2018)."},
        {"dvae", "D-VAE: an autoencoder with Dirichlet-distributed topics (Burkhardt and Kramer 2019)."},
        {"etm", "Embedded topic model: topics and words in one space (Dieng, Ruiz and Blei 2020)."},
        {"ctm", "Contextualized topic model: reads imported sentence embeddings (Bianchi, Terragni and Hovy 2021)."}};
    const auto found = kAbout.find(model);
    return found == kAbout.end() ? std::string() : found->second;
}

}  // namespace driftscope::topics
