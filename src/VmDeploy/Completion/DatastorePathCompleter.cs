using System.Collections;

namespace VmDeploy.PowerShell;

/// <summary>Paths on datastores: first the datastores, then the files and folders of the folder that is typed.</summary>
internal sealed class DatastorePathCompleter : Completer
{
    internal override Func<CancellationToken, Task<IEnumerable<Completion>>> Find(IDictionary bound, Func<string, bool>? typed)
    {
        var given = bound[nameof(GetVmDatastoreFileCommand.Datastore)]?.ToString();
        var datastores = new DatastoreCompleter().Find(bound, null);
        var session = SessionTable.Current.Resolve(SessionTransformationAttribute.Find(bound[nameof(SessionCmdlet.Session)]) as VmSession);
        var datacenter = bound[nameof(GetVmDatastoreFileCommand.Datacenter)]?.ToString();
        return async cancellationToken =>
        {
            var end = Word.IndexOf("]", StringComparison.Ordinal);
            if (end < 0)
                return (await datastores(cancellationToken)).Where(one => given is null || one.Name == given).Select(one => new Completion($"[{one.Name}] ", one.Hint) { Aliases = [one.Name] });
            var folder = Word.Substring(0, Math.Max(end, Word.LastIndexOf('/')) + 1);
            return (await session.DatastoreFiles.ListAsync(new DatastoreFileRequest(folder, null) { Datacenter = datacenter }, cancellationToken)).Select(file =>
                new Completion(file.Type == "Folder" ? $"{file.Path}/" : file.Path, file.Type == "Folder" ? "Folder" : $"{file.Type} {Readable.Bytes(file.Length)}"));
        };
    }
}
