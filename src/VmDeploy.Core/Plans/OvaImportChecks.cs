using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using VmDeploy.Ova;

namespace VmDeploy;

/// <summary>What an import can be refused for before any host is asked.</summary>
internal static class OvaImportChecks
{
    /// <summary>Checks names, package, licence and properties.</summary>
    /// <returns>The OVF properties by full key: what the request gives, completed by the OVF's defaults.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> RunAsync(
        OvaImportRequest request, OvaPackage package, CancellationToken cancellationToken)
    {
        VmNames.Check(request.Names);
        var descriptor = package.Descriptor;
        var option = descriptor.GetDeploymentOption(request.DeploymentOption)?.Id;
        var unknown = request.NetworkMap.Keys.FirstOrDefault(k => k != "*" && descriptor.Networks.All(n => n.Name != k));
        if (unknown is not null)
        {
            throw new VmDeployException(ErrorCodes.OvfNetworkUnknown,
                $"Network '{unknown}' not found in {package.Name}. {Names.Available(descriptor.Networks.Select(n => n.Name), "The package has no networks.")}", unknown);
        }
        if (descriptor.Eulas.Count > 0 && !request.AcceptEula)
            throw new VmDeployException(ErrorCodes.EulaNotAccepted, $"{package.Name} has a licence agreement that was not accepted.", package.Path);
        var given = descriptor.ResolveProperties(request.Properties, option);
        await package.CheckImportableAsync(cancellationToken);
        return descriptor.Properties.GroupBy(p => p.FullKey).ToDictionary(
            p => p.Key, p => given.TryGetValue(p.Key, out var value) ? value : p.First().GetDefault(option) ?? "", StringComparer.Ordinal);
    }
}
