#pragma once

#include <QByteArray>
#include <QFile>
#include <QString>
#include <cstring>
#include <utility>
#include <vector>

/// The two columns of a little-endian float32 .npy file of shape (n, 2): umap-learn's embedding of the digits.
inline std::pair<std::vector<float>, std::vector<float>> referencePoints(const QString& path) {
    QFile file(path);
    std::pair<std::vector<float>, std::vector<float>> columns;
    if (!file.open(QIODevice::ReadOnly)) return columns;
    const QByteArray bytes = file.readAll();
    quint16 header = 0;
    std::memcpy(&header, bytes.constData() + 8, sizeof header);
    for (qsizetype at = 10 + header; at + 8 <= bytes.size(); at += 8) {
        float pair[2];
        std::memcpy(pair, bytes.constData() + at, sizeof pair);
        columns.first.push_back(pair[0]);
        columns.second.push_back(pair[1]);
    }
    return columns;
}
