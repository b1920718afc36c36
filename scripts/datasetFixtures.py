"""Makes fixtures/datasets: small files in the exact form of each published dataset. Every text was written for this script."""
import csv,json,os
R=os.path.join(os.path.dirname(os.path.abspath(__file__)),'..','fixtures','datasets','')
def d(p): os.makedirs(os.path.dirname(R+p),exist_ok=True); return R+p
def jl(p,rows):
    with open(d(p),'w',encoding='utf-8') as f:
        for r in rows: f.write(json.dumps(r,ensure_ascii=False)+'\n')
def mark(text,idx):
    return ' '.join('*%s*'%w if i in idx else w for i,w in enumerate(text.split()))
# ---- e-SNLI
people=['A man','A woman','An old farmer','A young nurse','A tall boy','A small girl']
scenes=[('is riding a brown horse across a field.','is riding an animal.','is asleep in bed.','is riding home to his village.',[2,3,5],[2,4]),
('is cooking soup in a large kitchen.','is preparing food.','is swimming in the sea.','is cooking for twelve guests.',[2,3],[2,3]),
('plays a red guitar on the street.','is making music.','is reading a quiet book.','wants to earn some money.',[2,5],[3,4]),
('waits with a suitcase at the station.','is at a station.','is at home in the garden.','is travelling to the coast.',[2,8],[4,5])]
def pairs(n0):
    out=[];n=n0
    for pi,p in enumerate(people):
        s=scenes[pi%4]
        prem=p+' '+s[0]; off=len(p.split())-2
        out.append((f'{n}.jpg#0r1e','entailment',prem,p+' '+s[1],[i+off for i in s[4]],[len(p.split())+1]))
        out.append((f'{n}.jpg#0r1c','contradiction',prem,p+' '+s[2],[off+2],[len(p.split())+1,len(p.split())+2]))
        out.append((f'{n}.jpg#0r1n','neutral',prem,p+' '+s[3],[],[len(p.split())+1,len(p.split())+2]))
        n+=1
    return out
def esnli(path,rows,annotators,train=False):
    head=['pairID','gold_label','Sentence1','Sentence2']
    for i in range(1,annotators+1):
        head+=[f'Explanation_{i}']+(['WorkerId'] if train else [])+[f'Sentence1_marked_{i}',f'Sentence2_marked_{i}',f'Sentence1_Highlighted_{i}',f'Sentence2_Highlighted_{i}']
    with open(d(path),'w',newline='',encoding='utf-8') as f:
        w=csv.writer(f); w.writerow(head)
        for k,(pid,lab,p,h,pi,hi) in enumerate(rows):
            r=[pid,lab,p,h]
            for a in range(annotators):
                hh=sorted(set(hi+([hi[-1]+1] if a==1 and hi[-1]+1<len(h.split()) else [])))
                pp=[] if lab=='neutral' else (pi if a!=2 else pi[:1])
                r+=['Written for this file, "quoted", on\ntwo lines.' if k==0 and a==0 else 'Because the words say so.']
                if train: r+=['W%d'%k]
                r+=[mark(p,pp),' '+mark(h,hh) if a else mark(h,hh),','.join(map(str,pp)) or '{}',','.join(map(str,hh)) or '{}']
            w.writerow(r)
rows=pairs(100)
esnli('e-snli/esnli_dev.csv',rows[:9],3); esnli('e-snli/esnli_test.csv',rows[9:],3)
people=[p+' in blue' for p in people]; tr=pairs(900)
esnli('e-snli/esnli_train_1.csv',tr[:9],1,True); esnli('e-snli/esnli_train_2.csv',tr[9:],1,True)
# ---- ERASER helper
def eraser(name,splits,docs_jsonl=False):
    docs={}
    for split,items in splits.items():
        rows=[]
        for it in items:
            docs.update(it['docs'])
            groups=[]
            for g in it['evidence']:
                ev=[]
                for docid,a,b in g:
                    toks=docs[docid].replace('\n',' ').split()
                    sents=docs[docid].split('\n'); c=0; ss=se=-1
                    for i,s in enumerate(sents):
                        n=len(s.split())
                        if a>=c and a<c+n: ss=i
                        if b>c and b<=c+n: se=i+1
                        c+=n
                    ev.append({'docid':docid,'end_sentence':se,'end_token':b,'start_sentence':ss,'start_token':a,'text':' '.join(toks[a:b])})
                groups.append(ev)
            rows.append({'annotation_id':it['id'],'classification':it['label'],'docids':it.get('docids'),'evidences':groups,'query':it.get('query',''),'query_type':None})
        jl(f'{name}/{split}.jsonl',rows)
    if docs_jsonl: jl(f'{name}/docs.jsonl',[{'docid':k,'document':v} for k,v in docs.items()])
    else:
        for k,v in docs.items(): open(d(f'{name}/docs/{k}'),'w',encoding='utf-8').write(v+'\n')
def find(doc,phrase):
    t=doc.replace('\n',' ').split(); p=phrase.split()
    for i in range(len(t)):
        if t[i:i+len(p)]==p: return i,i+len(p)
    raise Exception((doc,phrase))
# FEVER
towns=[('Hallmouth','harbour town in the north','1420','river Ast'),('Brackley Ford','market town in the west','1661','river Oun'),('Sorn','mining village in the east','1803','lake Brimm'),('Velder','fishing port in the south','1275','bay of Lor')]
def fever(split,k0):
    out=[]
    for i,(n,kind,year,water) in enumerate(towns):
        n2=n if k0==0 else ('Old ' if k0==1 else 'New ')+n
        doc=f"{n2} is a {kind} -LRB- founded in {year} -RRB- .\nIt lies on the {water} , and its bells are heard far away .\nMost people there speak two languages ."
        docid=n2.replace(' ','_')
        a,b=find(doc,doc.split('\n')[0]); c,e=find(doc,doc.split('\n')[1])
        out.append({'id':k0*100+i*2,'label':'SUPPORTS','query':f'{n2} was founded in {year} .','docs':{docid:doc},'docids':[docid],'evidence':[[(docid,a,b)]]})
        out.append({'id':k0*100+i*2+1,'label':'REFUTES','query':f'{n2} lies in the desert , far from any water .','docs':{docid:doc},'docids':[docid],'evidence':[[(docid,c,e)],[(docid,a,b)]]})
    return out
eraser('fever',{'test':fever('test',0),'val':fever('val',1),'train':fever('train',2)})
jl('fever-plain/val.jsonl',[{'claim':it['query'],'label':it['label'],'evidence':[it['docs'][it['docids'][0]].split('\n')[j] for j in ([0] if it['label']=='SUPPORTS' else [1,0])]} for it in fever('x',0)])
# movies
good=['warm','witty','well played','moving']; bad=['dull','endless','badly cut','shallow']
def movies(k):
    out=[]
    for i in range(4):
        for lab,words in(('POS',good),('NEG',bad)):
            w=words[(i+k)%4]; w2=words[(i+k+1)%4]
            doc=f"the film opens in a small town in winter .\nit is {w} from the first scene on , and the end is {w2} .\nthe music is by a young composer , take {k} ."
            did=f'{"pos" if lab=="POS" else "neg"}R_{k}{i}.txt'
            a,b=find(doc,f'is {w}'); c,e=find(doc,f'end is {w2}')
            out.append({'id':did,'label':lab,'query':'What is the sentiment of this review?','docs':{did:doc},'docids':None,'evidence':[[(did,a,b)],[(did,c,e)]]})
    return out
eraser('movies',{'test':movies(0),'val':movies(1),'train':movies(2)})
# boolq
def boolq(k):
    out=[]
    facts=[('salt','dissolve in water','salt is a mineral .\nit does dissolve in water , quickly so when warm .','it does dissolve in water',True),('glass','burn in a fire','glass is made from sand .\nit does not burn in a fire but melts .','it does not burn in a fire',False),('the harbour','freeze in winter','the harbour is deep .\nits water does not freeze , for a warm current passes .','does not freeze',False),('the old bridge','carry trains','the old bridge has two floors .\nthe lower floor has carried trains since its opening .','has carried trains',True)]
    for i,(s,v,doc,ph,t) in enumerate(facts):
        doc2=doc+f'\nthis was written down in part {k} of a longer list .'
        did=f'passage_{k}_{i}'; a,b=find(doc2,ph)
        q=f'does {s} {v}'
        out.append({'id':f'{k}{i}','label':str(t),'query':q,'docs':{did:doc2},'docids':[did],'evidence':[[(did,a,b)]]})
    return out
eraser('boolq',{'test':boolq(0),'val':boolq(1),'train':boolq(2)})
def multirc(k):
    out=[]
    for i,name in enumerate(['Mira','Tom','Ilse']):
        doc=f"{name} took the early train to the coast in part {k} .\nshe forgot the umbrella in the waiting room .\nit rained for the whole day ." if name!='Tom' else f"{name} sold the boat to his cousin in part {k} .\nhe kept the oars and the net .\nthe cousin painted it blue ."
        did=f'Fiction-{k}-{i}.txt'
        q,yes,no,ph=(('What did %s forget ?'%name,'the umbrella','the ticket','she forgot the umbrella in the waiting room .') if name!='Tom' else ('What did Tom sell ?','the boat','the net','Tom sold the boat to his cousin in part %d .'%k))
        a,b=find(doc,ph)
        for j,(ans,t) in enumerate(((yes,True),(no,False))):
            out.append({'id':f'{did}:0:{j}','label':str(t),'query':f'{q} || {ans}','docs':{did:doc},'docids':[did],'evidence':[[(did,a,b)]]})
    return out
eraser('multirc',{'test':multirc(0),'val':multirc(1),'train':multirc(2)})
def ei(k):
    out=[]
    for i,(lab,ph) in enumerate([('significantly increased','walking distance was significantly higher in the exercise group'),('significantly decreased','pain was significantly lower in the exercise group'),('no significant difference','sleep did not differ between the groups')]):
        o=['walking distance','pain','sleep'][i]
        doc=f"TITLE : exercise after surgery , report {k}.{i}\nwe assigned forty patients to exercise or to usual care .\n{ph} .\nno harm was seen in either group ."
        did=str(5000+k*10+i); a,b=find(doc,ph)
        out.append({'id':f'{k}00{i}','label':lab,'query':f'With respect to {o} , characterize the reported difference between patients in the exercise group and those in usual care','docs':{did:doc},'docids':[did],'evidence':[[(did,a,b)]]})
    return out
eraser('evidence-inference',{'test':ei(0),'val':ei(1),'train':ei(2)},True)
qs=[('where would you keep milk cold ?',['oven','refrigerator','drawer','garden','roof'],'B','milk cold','keep milk cold'),('what do you open when it rains outside ?',['umbrella','book','window','shop','letter'],'A','it rains outside','it rains'),('who repairs teeth in a practice ?',['baker','pilot','dentist','gardener','singer'],'C','repairs teeth','teeth'),('what do you need to write a letter by hand ?',['spoon','hammer','saw','pen','rope'],'D','write a letter','write'),('where do ships go to unload ?',['forest','attic','meadow','cellar','harbour'],'E','ships go to unload','ships unload')]
def cose(k):
    out=[]
    for i,(q,a5,l,ph,_) in enumerate(qs):
        q2=q if k==0 else q.replace(' ?',f' , in case {k} ?')
        did=f'c{k}{i}ff'; s,e=find(q2,ph)
        out.append({'id':did,'label':l,'query':' [sep] '.join(a5),'docs':{did:q2},'docids':None,'evidence':[[(did,s,e)]]})
    return out
eraser('cos-e',{'test':cose(0),'val':cose(1),'train':cose(2)},True)
# e-SNLI in ERASER
def es(rows,k):
    out=[]
    for pid,lab,p,h,pi,hi in rows:
        i=pid+f'.{k}'
        P=p.replace('.',' .'); H=h.replace('.',' .')
        ev=[(f'{i}_premise',x,x+1) for x in pi]+[(f'{i}_hypothesis',x,x+1) for x in hi]
        out.append({'id':i,'label':lab,'query':'','docs':{f'{i}_premise':P,f'{i}_hypothesis':H},'docids':None,'evidence':[ev]})
    return out
people=['A man','A woman','An old farmer','A young nurse','A tall boy','A small girl']
rows=pairs(100)
eraser('e-snli-eraser',{'test':es(rows[:9],0),'val':es(rows[9:12],1),'train':es(rows[12:],2)},True)
# MedicalBios
names=['psychologist','surgeon','nurse','dentist','physician']
bios={'psychologist':('counsels families and holds weekly therapy sessions',['counsels','therapy']),'surgeon':('operates on knees and teaches hip replacement',['operates','replacement']),'nurse':('cares for patients on the night ward and gives injections',['cares','ward']),'dentist':('fills cavities and fits crowns and bridges',['cavities','crowns']),'physician':('treats fever and sees patients in general practice',['treats','general'])}
firsts=['Anna','Ben','Clara','David']
def tok(text):
    import re
    return re.findall(r"\w+|[^\w\s]",text)
def bio(n,i,k): return f"Dr. {firsts[i%4]} {['Hall','Ivers','Jones'][k]} {bios[n][0]}. {'She' if i%2==0 else 'He'} lives in Leeds."
for k,split in enumerate(['train','validation','test']):
    jl(f'medical-bios/{split}.jsonl',[{'text':bio(n,i,k),'label':names.index(n)} for i in range(3) for n in names])
rat=[]
for i in range(2):
    for j,n in enumerate(names):
        text=bio(n,i+2,2); words=tok(text); ws=bios[n][1]
        A=[int(w in ws) for w in words]; B=[int(w==ws[0]) for w in words]; C=[int(w in ws or w=='Dr') for w in words]
        maj=[int(a+b+c>=2) for a,b,c in zip(A,B,C)]
        cB=[int(w==ws[1]) for w in words]
        rat.append({'text':text,'label':j,'foil':(j+1)%5,'words':words,'rationales':maj,'contrastive_rationales':cB,'annotations':[A,B,C],'contrastive_annotations':[cB,cB,A]})
jl('medical-bios/rationales.jsonl',rat)
with open(d('medical-bios/biosbias.csv'),'w',newline='') as f:
    w=csv.writer(f); w.writerow(['','text','2nd best prediction','2nd best prob','title prob','gender_name','title'])
    for i,n in enumerate(names): w.writerow([i,bio(n,i,0),names[(i+1)%5],0.02,0.97,'female' if i%2==0 else 'male',n])
# HateXplain (harmless texts)
posts={};div={'train':[],'val':[],'test':[]}
texts=[('those rotten turnip people should all leave the garden',[1,2],'hatespeech'),('you are a complete potato and nobody likes you',[3,4],'offensive'),('what a lovely morning for a walk along the river',[], 'normal')]
n=0
for split in div:
    for rep in range(3):
        for t,idx,lab in texts:
            pid=f'{1000+n}_gab' if n%2 else f'{1000+n}_twitter'; n+=1
            toks=(t+f' {split} {rep}').split()
            labs=[lab,lab,'normal' if rep==1 and lab!='normal' else lab]
            rats=[] if lab=='normal' else [[int(i in idx) for i in range(len(toks))],[int(i in idx[:1]) for i in range(len(toks))]]+([] if labs[2]=='normal' else [[int(i in idx) for i in range(len(toks))]])
            posts[pid]={'post_id':pid,'annotators':[{'label':l,'annotator_id':10+a,'target':['None'] if l=='normal' else ['Other']} for a,l in enumerate(labs)],'rationales':rats,'post_tokens':toks}
            div[split].append(pid)
pid=f'{1000+n}_gab'; toks='nobody agrees on this one'.split()
posts[pid]={'post_id':pid,'annotators':[{'label':l,'annotator_id':20+a,'target':['None']} for a,l in enumerate(['hatespeech','normal','offensive'])],'rationales':[[0,1,0,0,0],[0,1,0,0,0]],'post_tokens':toks}; div['test'].append(pid)
json.dump(posts,open(d('hatexplain/dataset.json'),'w')); json.dump(div,open(d('hatexplain/post_id_divisions.json'),'w'))
# fair rationales
base=['QID','text_id','sentence','original_label','label','label_index','rationale','rationale_index','age','ethnicity','gender','english_proficiency','attentioncheck']
tail=['group_id','recruitment_ethnicity','recruitment_age']
def fair(path,items,middle,last,extra):
    with open(d(path),'w',newline='',encoding='utf-8') as f:
        w=csv.writer(f); w.writerow(['']+base+middle+tail+last+['rationale_binary','annotator_ID']); n=0
        for g,(grp,eth,age) in enumerate([('BO','Black/African American','>=38'),('WY','White/Caucasian','<=35'),('LO','Latino/Hispanic','>=38')]):
            for t,(sent,gold,lab,li,idx) in enumerate(items):
                words=sent.split(); mine=idx if g!=1 else idx[:1]
                l,lix=(lab,li) if not(g==2 and t==0) else extra['other']
                mid,la=extra['mid'](t),extra['last'](t)
                w.writerow([n,f'QID{500+2*t}',t,sent,gold,l,lix,','.join(words[i] for i in mine),str(mine),40.0,eth,'Female','Very well','PASSED']+mid+[grp,eth,age]+la+[str([int(i in mine) for i in range(len(words))]),200+g]); n+=1
sents=[('The bread here is fresh and the staff are kind.','positive','positive',1,[4,9]),('We waited an hour and the soup was cold.','negative','negative',2,[1,3,8]),('A bright, generous little film.','positive','positive',1,[1,2]),('Nothing in it works and I left early.','negative','negative',2,[0,3]),('I would go again tomorrow, really.','positive','positive',1,[2,3]),('The room smelled and the lamp was broken.','negative','negative',2,[2,7])]
fair('dynasent/dynasent_annot_after_processing.csv',sents,['originaldata_id'],['originaldata_split'],{'other':('no sentiment',3),'mid':lambda t:[f'r2-{t:07d}'],'last':lambda t:['test']})
fair('sst/SST_annot_after_processing.csv',sents,['Zuco_id'],['sst2_id','sst2_split'],{'other':('no sentiment',3),'mid':lambda t:[500+t],'last':lambda t:[-1,'']})
ci=[(q.replace(' ?','?'),l,a5['ABCDE'.index(l)],'ABCDE'.index(l)+1,[1,2]) for q,a5,l,_,_ in qs]
fair('cos-e/cose_annot_after_processing.csv',ci,['originaldata_id'],['originaldata_split'],{'other':('garden',4),'mid':lambda t:[f'c0{t}ff'],'last':lambda t:['test']})
