export type CertificatesTab = 'verify' | 'set' | 'licences' | 'restore' | 'keys';

/** Which tab of Certificates is open; going away and back keeps it. */
class CertificatesView {
  tab = $state<CertificatesTab>('verify');
}

export const certificatesView = new CertificatesView();
