using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Ova;
using VmDeploy.Vsphere;

namespace VmDeploy.Benchmarks;

/// <summary>An import as a user has it.</summary>
internal static class Client
{
    /// <summary>One VM, with its own session.</summary>
    public static async Task ImportAsync(ConnectOptions options, string ova, string name)
    {
        using var session = await VsphereSession.ConnectAsync(options, NullLogger.Instance, CancellationToken.None);
        await ImportAsync(session, new OvaImportRequest(ova) { Names = [name], Datastore = "datastore1" });
    }

    public static async Task ImportAsync(VmSession session, OvaImportRequest request)
    {
        using var package = await OvaPackage.OpenAsync(request.Path, CancellationToken.None);
        var plan = await session.PlanOvaImportAsync(request, package, CancellationToken.None);
        VmDeployException? failure = null;
        await plan.RunAsync(request.Names, _ => { }, (_, e) => failure = e, new Progress<OperationProgress>(), CancellationToken.None);
        if (failure is not null)
            throw failure;
    }
}
