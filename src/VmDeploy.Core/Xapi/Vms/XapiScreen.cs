namespace VmDeploy.Xapi;

/// <summary><c>GET /vncsnapshot</c>, which the host that runs the VM answers.</summary>
internal sealed class XapiScreen(XapiSession session) : VmScreen
{
    private const int MaxRedirects = 3;

    private protected override async Task<byte[]> ReadAsync(Vm vm, CancellationToken cancellationToken)
    {
        var address = session.BaseAddress;
        var isRenewed = false;
        for (var redirects = 0; ;)
        {
            var renewals = session.Client.Renewals;
            using var request = new HttpRequestMessage(HttpMethod.Get,
                new Uri(address, $"/vncsnapshot?session_id={Uri.EscapeDataString(session.Client.Session)}&uuid={Uri.EscapeDataString(vm.Id)}"));
            using var response = await session.Client.Transport.SendAsync(request, TimeSpan.Zero, MaxPicture, cancellationToken);
            var status = (int)response.StatusCode;
            if (status == 200)
                return await response.Content.ReadAsByteArrayAsync();
            if (status is 301 or 302 or 307 && response.Headers.Location?.OriginalString is { } location && redirects++ < MaxRedirects)
            {
                address = await TransferRedirect.ResolveAsync(session, address, location, "the picture", ErrorCodes.ScreenNotAvailable, cancellationToken);
            }
            else if (status == 401 && !isRenewed)
            {
                isRenewed = true;
                await session.Client.RenewAsync(renewals, cancellationToken);
            }
            else
            {
                throw NotAvailable(vm, $"{address.Authority} answers HTTP {status}", isTransient: status >= 500);
            }
        }
    }
}
