#include "plugins/drift/methods.h"

#include <QLocale>
#include <QObject>

#include "core/llm/study/study_results.h"

namespace driftscope::drift {
namespace {

QString tr(const char* text) {
    return QObject::tr(text);
}

}  // namespace

const std::vector<MethodWord>& methodWords() {
    static const std::vector<MethodWord> words{
        {"sft", tr("SFT"), true, tr("Plain supervised fine-tuning, nothing defended. The alignment's adapter is merged and a new one is trained on the user's data (double LoRA).")},
        {"sft:single", tr("SFT, single LoRA"), true, tr("Plain fine-tuning that goes on with the alignment's own adapter, as Booster must. This is what Booster is to be compared with.")},
        {"vaccine", tr("Vaccine"), true, tr("Aligns while every attention output is perturbed against it: two passes a step. Paper: rho = 2 (L2 norm over the whole batch), 50 epochs, lr 1e-3; about 2 times the cost of SFT. Huang et al., NeurIPS 2024.")},
        {"random_vaccine", tr("Random Vaccine"), true, tr("Gaussian noise instead of the worst perturbation: the control for Vaccine. Paper: variance 0.01 among 1e-4 to 1.")},
        {"t_vaccine", tr("T-Vaccine"), true, tr("Vaccine on a few layers drawn by their harmful gradient: less memory. Default 8 layers, drawn anew every 200 steps.")},
        {"booster", tr("Booster"), true, tr("Weakens what a harmful step would gain: three passes a step. Paper: lambda = 5, alpha = 0.1, 20 epochs, lr 5e-4; needs harmful data and single LoRA. Huang et al., ICLR 2025.")},
        {"booster+vaccine", tr("Booster + Vaccine"), true, tr("Booster whose alignment pass is perturbed as by Vaccine: four passes a step. Script: lambda = 5, alpha = 0.1, rho = 5.")},
        {"repnoise", tr("RepNoise"), true, tr("Pushes the hidden states of harmful answers towards noise. Script: alpha = 0.1, beta = 0.001. Rosati et al., NeurIPS 2024.")},
        {"lisa", tr("Lisa"), false, tr("Fine-tuning alternates alignment and user data and is held near its last switch. Paper: rho = 1, 100 and 900 steps; about 8 % slower than SFT. Huang et al., NeurIPS 2024.")},
        {"bso", tr("BSO"), false, tr("Lisa without the proximal term: the alternation alone.")},
        {"ewc", tr("EWC"), false, tr("A penalty on moving weights that mattered for alignment. Script: lambda = 1e9. Kirkpatrick et al., 2017.")},
        {"vlguard", tr("VlGuard"), false, tr("Alignment samples are mixed into every step. Script: weight 0.1, 4 samples. Zong et al., ICML 2024.")},
        {"kl", tr("KL"), false, tr("Keeps the answers near those of the aligned model. Script: weight 0.1.")},
        {"ldifs", tr("LDIFS"), false, tr("Keeps the features near those of the aligned model. Script: rho = 1e-4. Mukhoti et al., 2023.")}};
    return words;
}

QString methodTitle(const QString& arm) {
    for (const MethodWord& word : methodWords())
        if (word.id == arm) return word.title;
    return arm;
}

QColor methodColour(const QString& arm) {
    return QColor(QString::fromStdString(llm::methodColour(arm.toStdString())));
}

QString countText(qint64 count) {
    return QLocale(QLocale::English).toString(count);
}

QString bytesText(double bytes) {
    return QLocale(QLocale::English).formattedDataSize(static_cast<qint64>(bytes), bytes < 1e9 ? 0 : 1, QLocale::DataSizeSIFormat);
}

}  // namespace driftscope::drift
