/** A certificate for 127.0.0.1 and localhost that nobody trusts, good for a hundred years. For tests alone. */
export const testCertificate = `-----BEGIN CERTIFICATE-----
MIIBpDCCAUugAwIBAgIURdSuKceYzG1z6qCrv8lOGrSxREUwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOY2FycnlvdmVyIHRlc3QwIBcNMjYxMTIzMDY1NTE2WhgPMjEy
NjEwMzAwNjU1MTZaMBkxFzAVBgNVBAMMDmNhcnJ5b3ZlciB0ZXN0MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAErHlCgDJx8WlCdv5m84X57Syg7e1MboVQ+HZe3x9a
tHgZymR2PwV9wuD4c6tQGpHmrdeC3Xo+18x+PgGhwihviKNvMG0wHQYDVR0OBBYE
FAwruEvMiqWR4QO03MIs32ltT3+sMB8GA1UdIwQYMBaAFAwruEvMiqWR4QO03MIs
32ltT3+sMA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0RBBMwEYcEfwAAAYIJbG9jYWxo
b3N0MAoGCCqGSM49BAMCA0cAMEQCIEgvnvoRfYU2kuyeoKbpNcLcJZ/qaOqGpNdq
9ezFqcOUAiA9aZzF7A8xCbWxf1WE0W0DNFjiuBk4+sSDBvUT9AQGIA==
-----END CERTIFICATE-----
`;

/** Its key, which is no secret. */
export const testCertificateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+Tc+GI2q+/ceYrom
+2zwKEVPnftMa8OrhUZTlhltf3ShRANCAASseUKAMnHxaUJ2/mbzhfntLKDt7Uxu
hVD4dl7fH1q0eBnKZHY/BX3C4Phzq1Aakeat14Ldej7XzH4+AaHCKG+I
-----END PRIVATE KEY-----
`;
