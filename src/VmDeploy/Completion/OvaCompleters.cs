using System.Collections;
using VmDeploy.Ova;

namespace VmDeploy.PowerShell;

/// <summary>Completes from the OVA that -Path names.</summary>
internal abstract class OvaCompleter : Completer
{
    internal sealed override Func<CancellationToken, Task<IEnumerable<Completion>>> Find(IDictionary bound, Func<string, bool>? typed)
    {
        var file = bound[nameof(ImportVmOvaCommand.Path)] is { } path ? FileOf(path.ToString()) : null;
        return async cancellationToken =>
        {
            if (file is null)
                return [];
            using var package = await OvaPackage.OpenAsync(file, cancellationToken);
            return Choose(package.Descriptor).ToList();
        };
    }

    // Relative to the current location, as Import-VmOva resolves it.
    private static string? FileOf(string path)
    {
        foreach (var parameter in new[] { "LiteralPath", "Path" })
        {
            using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
            var found = shell.AddCommand("Convert-Path").AddParameter(parameter, path)
                .AddParameter("ErrorAction", ActionPreference.Ignore).Invoke<string>();
            if (found.Count == 1)
                return found[0];
        }

        return null;
    }

    protected abstract IEnumerable<Completion> Choose(OvfDescriptor ovf);
}

internal sealed class DeploymentOptionCompleter : OvaCompleter
{
    protected override IEnumerable<Completion> Choose(OvfDescriptor ovf) =>
        ovf.DeploymentOptions.Select(option => new Completion(option.Id, $"{option.Label}. {option.Description}"));
}

/// <summary>OVF properties, as a hashtable to fill in.</summary>
internal sealed class OvfPropertyCompleter : OvaCompleter
{
    protected override IEnumerable<Completion> Choose(OvfDescriptor ovf) =>
        ovf.Properties.Where(property => property.IsUserConfigurable).Select(property =>
            new Completion(property.FullKey, $"{property.Label} ({property.Type}). {property.Description}")
            {
                Text = $"@{{ {Completion.Literal(property.FullKey)} = {Completion.Literal(property.IsPassword ? "" : property.DefaultValue ?? "")} }}",
            });
}

internal sealed class OvfNetworkCompleter : OvaCompleter
{
    protected override IEnumerable<Completion> Choose(OvfDescriptor ovf) => ovf.Networks.Select(network => new Completion(network.Name, network.Description));
}
