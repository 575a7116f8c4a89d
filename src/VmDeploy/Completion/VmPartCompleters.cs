using System.Collections;

namespace VmDeploy.PowerShell;

/// <summary>Completes from parts of the given VMs.</summary>
internal abstract class VmPartCompleter : Completer
{
    // The parameters that take VMs or their names.
    private static readonly string[] s_parameters = ["Vm", "Name", "Disk", "NetworkAdapter", "Cdrom"];

    /// <inheritdoc/>
    internal sealed override Func<CancellationToken, Task<IEnumerable<Completion>>> Find(IDictionary bound, Func<string, bool>? typed)
    {
        var given = LanguagePrimitives.ConvertTo<object[]>(s_parameters.Select(one => bound[one]).FirstOrDefault(one => one is not null) ?? Array.Empty<object>())
            .Select(one => PlainValue.Of(one)).ToList();
        var objects = given.OfType<Vm>().ToList();
        var names = given.OfType<string>().ToArray();
        var session = names.Length == 0 ? null
            : SessionTable.Current.Resolve(SessionTransformationAttribute.Find(bound[nameof(SessionCmdlet.Session)]) as VmSession);
        return async cancellationToken =>
        {
            if (session is not null)
                objects.AddRange(await session.GetVmsAsync(new VmQuery { NameFilter = new NameFilter(names).Matches }, cancellationToken));
            var found = new List<Completion>();
            foreach (var vm in objects)
                found.AddRange(await FindAsync(vm, cancellationToken));
            return found;
        };
    }

    /// <summary>Asks the host.</summary>
    protected abstract Task<IEnumerable<Completion>> FindAsync(Vm vm, CancellationToken cancellationToken);
}

/// <summary>Answers to the question of a VM.</summary>
internal sealed class AnswerCompleter : VmPartCompleter
{
    /// <inheritdoc/>
    protected override async Task<IEnumerable<Completion>> FindAsync(Vm vm, CancellationToken cancellationToken) =>
        await vm.Session.Questions.FindAsync(vm, cancellationToken) is { } question
            ? question.Answers.Select(answer => new Completion(answer.Text, question.Text) { Aliases = [answer.Key] })
            : [];
}

/// <summary>Labels of CD-ROM drives.</summary>
internal sealed class CdromLabelCompleter : VmPartCompleter
{
    /// <inheritdoc/>
    protected override async Task<IEnumerable<Completion>> FindAsync(Vm vm, CancellationToken cancellationToken) =>
        (await vm.Session.Cdroms.GetAsync(vm, cancellationToken)).Select(drive => new Completion(drive.Label, $"{drive.Slot} {drive.Medium.Path ?? drive.Medium.Kind}"));
}

/// <summary>Labels of disks.</summary>
internal sealed class DiskLabelCompleter : VmPartCompleter
{
    /// <inheritdoc/>
    protected override Task<IEnumerable<Completion>> FindAsync(Vm vm, CancellationToken cancellationToken) =>
        Task.FromResult(vm.Disks.Select(disk => new Completion(disk.Label, $"{disk.Slot} {Readable.Bytes(disk.CapacityBytes)} {disk.Path}")));
}

/// <summary>Labels of network adapters.</summary>
internal sealed class NetworkAdapterLabelCompleter : VmPartCompleter
{
    /// <inheritdoc/>
    protected override Task<IEnumerable<Completion>> FindAsync(Vm vm, CancellationToken cancellationToken) =>
        Task.FromResult(vm.NetworkAdapters.Select(adapter => new Completion(adapter.Label, $"{adapter.NetworkName} {adapter.MacAddress}")));
}

/// <summary>Snapshots of a VM; ids where several have one name.</summary>
internal sealed class SnapshotCompleter : VmPartCompleter
{
    /// <inheritdoc/>
    protected override async Task<IEnumerable<Completion>> FindAsync(Vm vm, CancellationToken cancellationToken)
    {
        var all = await vm.Session.Snapshots.GetAsync(vm, cancellationToken);
        return all.Select(one =>
        {
            var hint = $"{one.Created:g}{(one.IsCurrent ? ", current" : "")}{(one.Description is null ? "" : $": {one.Description}")}";
            return all.Count(other => string.Equals(other.Name, one.Name, StringComparison.OrdinalIgnoreCase)) == 1
                ? new Completion(one.Name, hint) { Aliases = [one.Id] }
                : new Completion(one.Id, $"{one.Name}, {hint}") { Aliases = [one.Name] };
        });
    }
}
