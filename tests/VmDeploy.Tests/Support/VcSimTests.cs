using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Ova;
using VmDeploy.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Support;

/// <summary>vcsim's own record of an upload, which is only the number of bytes.</summary>
public sealed class VcSimTests
{
    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_disk_arrives_whole(bool tls)
    {
        await using var vcsim = await VcSim.StartAsync(tls: tls);
        using var session = await VsphereSession.ConnectAsync(vcsim.Options with { WrapHandler = WireContract.Check }, NullLogger.Instance, CancellationToken.None);
        using var package = await OvaPackage.OpenAsync(Repository.Path("examples/tinyVM.ova"), CancellationToken.None);
        var request = new OvaImportRequest(package.Path) { Names = ["tinyVM"], Datastore = "datastore1" };
        var plan = await session.PlanOvaImportAsync(request, package, CancellationToken.None);
        VmDeployException? failure = null;
        await plan.RunAsync(request.Names, _ => { }, (_, e) => failure = e, new Progress<OperationProgress>(), CancellationToken.None);

        Assert.Null(failure);
        // Its log comes by a pipe of its own, later than the reply.
        await Shell.UntilAsync(() => vcsim.Log.Contains("nfc POST", StringComparison.Ordinal), "vcsim has logged the upload");
        Assert.Single(vcsim.Log.Split('\n'), line => line.Contains("nfc POST", StringComparison.Ordinal)
            && line.TrimEnd().EndsWith($"transferred {package.Files.Single().StoredLength} bytes", StringComparison.Ordinal));
    }
}
