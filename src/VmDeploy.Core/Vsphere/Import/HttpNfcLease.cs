namespace VmDeploy.Vsphere;

/// <summary>
/// An <c>HttpNfcLease</c>: the host's permission to fill a VM's disks, or to read them. While it is held it is renewed, whether bytes flow or
/// not; if it is not completed it is aborted.
/// </summary>
internal sealed class HttpNfcLease(VsphereSession session, MoRef lease, string name)
{
    /// <summary>A lease that is not renewed ends after five minutes on usual hosts.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(6);

    // The first version with HttpNfcLeaseSetManifestChecksumType.
    private const string ChecksumVersion = "6.7";

    private static readonly TimeSpan s_shortestInterval = TimeSpan.FromMilliseconds(200);

    private TimeSpan _timeout = TimeSpan.FromSeconds(300);

    /// <summary>The VM that the lease has created (<c>HttpNfcLeaseInfo.entity</c>); null until it is ready.</summary>
    public MoRef? Entity { get; private set; }

    public IReadOnlyList<XElement> DeviceUrls { get; private set; } = [];

    public Task WaitReadyAsync(CancellationToken cancellationToken) =>
        session.Waiter.WaitAsync(lease, ["state", "error", "info"], values =>
        {
            if (values.TryGetValue("info", out var info))
                Keep(info);
            return StateOf(values) switch
            {
                "ready" => Entity is not null,
                "error" => throw ErrorOf(values),
                "done" => throw new VmDeployException(ErrorCodes.LeaseExpired, $"{name}: the host ended the lease before the transfer.", name),
                _ => false,
            };
        }, cancellationToken);

    /// <summary>
    /// Renews the lease until the token is cancelled, three times in each time-out, so that one lost call does not end it.
    /// <paramref name="lost"/> is called if the host says that the lease is gone.
    /// </summary>
    private async Task RenewAsync(Func<int> percent, Action<VmDeployException> lost, CancellationToken cancellationToken)
    {
        var third = TimeSpan.FromTicks(_timeout.Ticks / 3);
        var interval = third < s_shortestInterval ? s_shortestInterval : third > TimeSpan.FromSeconds(30) ? TimeSpan.FromSeconds(30) : third;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await session.Soap.CallAsync(lease, "HttpNfcLeaseProgress", cancellationToken, VimXml.El("percent", percent()));
                await Task.Delay(interval, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (VimFault fault) when (!fault.IsTransient)
            {
                lost(new VmDeployException(ErrorCodes.LeaseExpired, $"{name}: the host ended the lease: {fault.Message}", name, fault));
                return;
            }
            catch (VmDeployException e)
            {
                // What passes, as a busy host or a broken connection, may pass before the time-out.
                session.Log.LeaseRenewalFailed(name, e.Message);
                await Task.WhenAny(Task.Delay(interval, cancellationToken));
            }
        }
    }

    /// <summary>Renews the lease while the work runs, whose token is also cancelled when the host has ended it.</summary>
    public async Task HoldAsync(Func<int> percent, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        VmDeployException? lost = null;
        var renewing = RenewAsync(percent, e => { lost = e; stop.Cancel(); }, stop.Token);
        try
        {
            await work(stop.Token);
        }
        catch (OperationCanceledException) when (lost is not null && !cancellationToken.IsCancellationRequested)
        {
            throw await FindErrorAsync(CancellationToken.None) ?? lost;
        }
        finally
        {
            stop.Cancel();
            await renewing;
        }
    }

    /// <summary>Asks the host for SHA-256 digests of what it sends; false if it has SHA-1 only.</summary>
    public async Task<bool> RequestSha256Async(CancellationToken cancellationToken)
    {
        if (DeviceUrls.Count == 0 || !VimVersions.IsAtLeast(session.Soap.Version, ChecksumVersion))
            return false;
        try
        {
            await session.Soap.CallAsync(lease, "HttpNfcLeaseSetManifestChecksumType", cancellationToken,
                [.. DeviceUrls.Select(device => VimXml.El("deviceUrlsToChecksumTypes", VimXml.El("key", device.Value("key")), VimXml.El("value", "sha256")))]);
            return true;
        }
        catch (VimFault)
        {
            return false;
        }
    }

    /// <summary>What the host has sent so far (<c>HttpNfcLeaseManifestEntry</c>); empty if it does not say.</summary>
    public async Task<IReadOnlyList<XElement>> ReadManifestAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await session.Retries.Call.RunAsync(
                async _ => (await session.Soap.CallAsync(lease, "HttpNfcLeaseGetManifest", cancellationToken)).Children("returnval").ToList(), RollbackScope.IsPassing, cancellationToken);
        }
        catch (VimFault fault) when (fault.Type is "NotSupported" or "NotImplemented" or "MethodNotFound")
        {
            return [];
        }
    }

    /// <summary>Waits until the host has ended an unknown lease of an export, which blocks the VM.</summary>
    public static Task WaitReleasedAsync(VsphereSession session, Vm vm, CancellationToken cancellationToken) => WaitEndedAsync(session, MoRef.Of(vm), "disabledMethod",
        values => !values.TryGetValue("disabledMethod", out var disabled) || disabled.Elements().All(method => method.Value != "ExportVm"), "The lease of the export still blocks the VM.", cancellationToken);

    /// <summary>The reason of the host for a lease in error; null if it is not in error.</summary>
    public async Task<VmDeployException?> FindErrorAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = await session.Properties.ReadAsync(lease, cancellationToken, "state", "error");
            return found.Text("state") == "error" && found["error"] is { } error ? ErrorOf(error) : null;
        }
        catch (VmDeployException)
        {
            return null;
        }
    }

    /// <summary>Completes the lease after the last file; a lost answer is resolved by looking at the lease.</summary>
    public Task CompleteAsync() => session.Retries.Call.RunAsync(async attempt =>
    {
        if (attempt > 1 && await IsDoneAsync())
            return;
        await session.Soap.CallAsync(lease, "HttpNfcLeaseComplete", CancellationToken.None);
    }, e => e is VmDeployException { IsUnanswered: true }, CancellationToken.None);

    // A completed lease disappears after some time.
    private async Task<bool> IsDoneAsync()
    {
        try
        {
            return (await session.Properties.ReadAsync(lease, CancellationToken.None, "state")).Text("state") == "done";
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.ObjectGone)
        {
            return true;
        }
    }

    /// <summary>Aborts the lease; the host removes what it has created.</summary>
    public async Task AbortAsync(CancellationToken cancellationToken)
    {
        try
        {
            await session.Soap.CallAsync(lease, "HttpNfcLeaseAbort", cancellationToken);
        }
        catch (VimFault)
        {
            // The lease is over already: timed out, in error, or completed an instant ago.
        }
        session.Log.LeaseAborted(name);
    }

    /// <summary>Waits until the host has ended an unknown lease and removed its VM.</summary>
    public static Task WaitGoneAsync(VsphereSession session, MoRef vm, CancellationToken cancellationToken) =>
        WaitEndedAsync(session, vm, "name", _ => false, "The lease of the import still holds the VM.", cancellationToken);

    private static async Task WaitEndedAsync(VsphereSession session, MoRef vm, string path, Func<IReadOnlyDictionary<string, XElement>, bool> isReleased, string message, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Longest);
        try
        {
            await session.Waiter.WaitAsync(vm, [path], isReleased, limit.Token);
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.ObjectGone)
        {
            // The host has removed it.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VmDeployException(ErrorCodes.HostBusy, message, vm.Value);
        }
    }

    private void Keep(XElement info)
    {
        Entity = info.Child("entity")?.ToMoRef();
        DeviceUrls = info.Children("deviceUrl").ToList();
        if (int.TryParse(info.Value("leaseTimeout"), out var seconds) && seconds > 0)
            _timeout = TimeSpan.FromSeconds(seconds);
    }

    private static string? StateOf(IReadOnlyDictionary<string, XElement> values) =>
        values.TryGetValue("state", out var state) ? state.Value : null;

    private VmDeployException ErrorOf(XElement error)
    {
        var fault = VimFault.FromLocalized(error, name);
        return fault.Type == "Timedout" ? new VmDeployException(ErrorCodes.LeaseExpired, fault.Message, name, fault) : fault;
    }

    private VmDeployException ErrorOf(IReadOnlyDictionary<string, XElement> values) =>
        values.TryGetValue("error", out var error)
            ? ErrorOf(error)
            : new VmDeployException(ErrorCodes.HostFault, $"{name}: the host refused the lease without a reason.", name);
}
